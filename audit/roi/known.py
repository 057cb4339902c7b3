"""What an account tells, or why it does not: coverage of a subject, and measures of the window."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from audit.account import Account


@dataclass(frozen=True)
class Known:
    """A count over the whole organization, or None and ``why`` in words.

    ``days``: length of the window it was counted in, 0 where that is not told.
    """

    value: int | None
    why: str = ""
    days: int = 0


def gap(account: Account, subjects: Iterable[str]) -> str:
    """Why the first subject that was not read for every project was not; empty if all were.

    The rule of the facts: a gap in one project is a gap, and what nobody speaks of was not read.
    """
    projects = len(account["projects"])
    coverage = account["coverage"]
    subjects_told = coverage["subject"].to_numpy(dtype=object)
    for subject in subjects:
        mine = coverage.take(np.flatnonzero(subjects_told == subject))
        complete = mine["complete"].to_numpy(dtype=bool)
        parts = mine["project_id"].to_numpy(dtype=object) != ""
        if (parts & ~complete).any():
            return str(min(mine["reason"].to_numpy(dtype=object)[parts & ~complete]))
        whole = np.flatnonzero(~parts)
        if len(whole):
            if not complete[whole[0]]:
                return str(mine["reason"].iloc[whole[0]])
        elif np.count_nonzero(parts) < max(projects, 1):
            return f"not read: the pull brought no {subject}"
    return ""


def measure(account: Account, name: str) -> Known:
    """A measure of ``activity`` in the window: the sum over the projects."""
    why = gap(account, [f"activity.{name}"])
    if why:
        return Known(None, why)
    rows = account["activity"]
    mine = rows.take(np.flatnonzero(rows["measure"].to_numpy(dtype=object) == name))
    if mine.empty:
        return Known(0)
    days = (mine["window_end"] - mine["window_start"]).dt.days
    return Known(int(mine["quantity"].sum()), days=int(days.max()))
