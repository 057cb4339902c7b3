"""What traffic made of usage that nobody was asked to change, and how far such usage strays.

The counterfactual of a cut is its usage before, times this. How sure that is, the untouched usage
itself tells: how much single kinds of it moved beside the rest (a placebo test of the same
method), held to a declared prior where there are few.
"""

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

Mask = npt.NDArray[np.bool_]

#: Ours: how far the log of a kind's traffic strays from the rest in a month, and how many kinds
#: that is worth.
STRAYS, WORTH = 0.12, 4.0
#: Less untouched usage than this share of a meter's tells nothing of it.
LEAST_SHARE = 0.1
#: Kinds of fewer units a month stray by chance alone.
LEAST_UNITS = 200
#: From 10 to 90% of a normal distribution, in standard deviations.
P10_TO_P90 = 2.5631


@dataclass(frozen=True)
class Traffic:
    """``factor``: units now over units before. ``strays``: standard deviation of its log.
    ``kinds``: kinds of usage it was told by, 0 where the forecast was asked. ``source``: in words.
    """

    factor: float
    strays: float
    kinds: int
    source: str


def traffic(
    before: pd.DataFrame,
    later: pd.DataFrame,
    meter: str,
    projects: Collection[str],
    ahead: tuple[float, float, float] | None,
) -> Traffic:
    """Of one meter. ``before`` and ``later``: its usage rows with ``free``, whether no prediction
    is about them; ``projects``: where the cut is; ``ahead``: what the forecast said."""
    for of, source in ((projects, "untouched usage of the project"), (None, "untouched usage")):
        was, now = (_cells(rows, meter, of) for rows in (before, later))
        whole = before[before["meter"] == meter]
        if of is not None:
            whole = whole[whole["project_id"].isin(list(of))]
        if was.sum() > 0 and was.sum() >= LEAST_SHARE * whole["quantity"].sum():
            return _told(was, now.reindex(was.index, fill_value=0.0), source)
    if ahead is not None and min(ahead) > 0:
        low, mid, high = ahead
        strays = float(np.log(high / low)) / P10_TO_P90
        return Traffic(mid, max(strays, STRAYS / 2), 0, "the forecast made before")
    return Traffic(1.0, STRAYS * 2, 0, "nothing: taken to be as it was")


def _cells(rows: pd.DataFrame, meter: str, projects: Collection[str] | None) -> "pd.Series[float]":
    """Units of a meter by project and event, of what nobody was asked to change."""
    mine = rows[(rows["meter"] == meter) & rows["free"]]
    if projects is not None:
        mine = mine[mine["project_id"].isin(list(projects))]
    return mine.groupby(["project_id", "event"])["quantity"].sum()


def _told(was: "pd.Series[float]", now: "pd.Series[float]", source: str) -> Traffic:
    factor = float(now.sum() / was.sum())
    if factor <= 0:
        return Traffic(0.0, STRAYS, len(was), source)
    both = (was >= LEAST_UNITS) & (now > 0)
    apart = np.log(now[both] / was[both]) - np.log(factor)
    weight = was[both] / was[both].sum() if both.any() else was[both]
    worth = 1 / float((weight**2).sum()) if both.any() else 0.0
    spread = float((weight * apart**2).sum())
    variance = (WORTH * STRAYS**2 + worth * spread) / (WORTH + worth)
    return Traffic(factor, float(np.sqrt(variance)), int(both.sum()), source)
