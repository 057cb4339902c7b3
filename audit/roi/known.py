"""What an account tells, or why it does not: coverage of a subject, and measures of the window."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import pandas as pd

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
    coverage = account["coverage"]
    told = account.once("coverage by subject", ("coverage",), lambda: _by_subject(coverage))
    for subject in subjects:
        rows = told.get(subject, [])
        gaps = [one.reason for one in rows if one.project_id and not one.complete]
        if gaps:
            return min(gaps)
        whole = next((one for one in rows if not one.project_id), None)
        if whole is not None:
            if not whole.complete:
                return whole.reason
        elif len(rows) < max(len(account["projects"]), 1):
            return f"not read: the pull brought no {subject}"
    return ""


class _Covered(NamedTuple):
    project_id: str
    complete: bool
    reason: str


def _by_subject(coverage: pd.DataFrame) -> Mapping[str, list[_Covered]]:
    told: dict[str, list[_Covered]] = {}
    columns = [coverage[name].tolist() for name in ("subject", *_Covered._fields)]
    for subject, *of in zip(*columns, strict=True):
        told.setdefault(subject, []).append(_Covered(*of))
    return told


def measure(account: Account, name: str) -> Known:
    """A measure of ``activity`` in the window: the sum over the projects."""
    why = gap(account, [f"activity.{name}"])
    if why:
        return Known(None, why)
    rows = account["activity"]
    mine = np.flatnonzero(rows["measure"].to_numpy(dtype=object) == name)
    if not len(mine):
        return Known(0)
    begin, end = (rows[side].to_numpy()[mine] for side in ("window_start", "window_end"))
    days = (end - begin).max() // np.timedelta64(1, "D")
    return Known(int(rows["quantity"].to_numpy()[mine].sum()), days=int(days))
