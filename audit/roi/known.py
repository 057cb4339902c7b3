"""What an account tells, or why it does not: coverage of a subject, and measures of the window."""

from collections.abc import Iterable
from dataclasses import dataclass

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
    for subject in subjects:
        mine = coverage[coverage["subject"] == subject]
        complete = mine["complete"].astype(bool)
        parts = mine["project_id"] != ""
        if (parts & ~complete).any():
            return str(mine.loc[parts & ~complete, "reason"].min())
        whole = mine[~parts]
        if len(whole):
            if not bool(whole["complete"].iloc[0]):
                return str(whole["reason"].iloc[0])
        elif int(parts.sum()) < max(projects, 1):
            return f"not read: the pull brought no {subject}"
    return ""


def measure(account: Account, name: str) -> Known:
    """A measure of ``activity`` in the window: the sum over the projects."""
    why = gap(account, [f"activity.{name}"])
    if why:
        return Known(None, why)
    rows = account["activity"]
    mine = rows[rows["measure"] == name]
    if mine.empty:
        return Known(0)
    days = (mine["window_end"] - mine["window_start"]).dt.days
    return Known(int(mine["quantity"].sum()), days=int(days.max()))
