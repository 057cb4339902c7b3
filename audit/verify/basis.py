"""The usage a prediction is about: by rule, so that a later pull can be held to it.

A cut is given by usage rows. What is kept of it is what these have in common: where the same share
is cut whatever the library, libraries are left out, and a row that comes later counts as well. The
usage itself is kept with the run, so that two predictions about the same rows are never added up.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from audit.findings.outlook.terms import Fix, Terms

#: By what usage rows of a meter differ; what is left out first where a cut does not ask for it.
ORDER = ("known_person", "identified", "host_class", "library", "event", "project_id")
NAMES = ("meter", *reversed(ORDER))
#: So many usage rows are kept with a run, the largest.
MOST_ROWS = 3_000


@dataclass(frozen=True)
class Group:
    """Usage of one ``meter`` that a remedy removes ``share`` (0 to 1) of. ``place``: what its rows
    have in common, by column."""

    meter: str
    place: Mapping[str, Any]
    share: float

    def members(self, rows: pd.DataFrame) -> "pd.Series[bool]":
        """Which usage rows are of it."""
        chosen = rows["meter"] == self.meter
        for name, value in self.place.items():
            chosen &= rows[name] == value
        return chosen


def groups(terms: Terms, fix: Fix) -> tuple[Group, ...]:
    """What a fix is about, in the fewest words."""
    rows = usage(terms)
    share = np.zeros(len(rows))
    share[fix.part.row] = fix.part.share
    rows["share"] = share
    meters = sorted(set(rows.loc[rows["share"] > 0, "meter"]))
    return tuple(g for meter in meters for g in _groups(meter, rows[rows["meter"] == meter]))


def usage(terms: Terms) -> pd.DataFrame:
    """The usage rows of the priced month as plain values: NAMES and quantity (metered units)."""
    rows = terms.rows
    flags = ("identified", "known_person")
    plain = {n: rows[n].astype("bool" if n in flags else "str").to_numpy() for n in NAMES}
    return pd.DataFrame({**plain, "quantity": rows["quantity"].to_numpy(dtype=np.float64)})


def kept_usage(rows: pd.DataFrame) -> dict[str, list[Any]]:
    """Usage rows as the ledger keeps them, by column."""
    largest = rows.nlargest(MOST_ROWS, "quantity").sort_index()
    told = {name: largest[name].tolist() for name in NAMES}
    return {**told, "quantity": [round(units, 3) for units in largest["quantity"]]}


def kept_groups(some: Iterable[Group]) -> list[dict[str, Any]]:
    """Groups as the ledger keeps them."""
    return [{"meter": g.meter, "place": dict(g.place), "share": g.share} for g in some]


def read_groups(told: Iterable[Mapping[str, Any]]) -> tuple[Group, ...]:
    """What :func:`kept_groups` gave."""
    return tuple(Group(one["meter"], one["place"], one["share"]) for one in told)


def any_of(some: Sequence[Group], rows: pd.DataFrame) -> "np.ndarray[Any, np.dtype[np.bool_]]":
    """Which usage rows are of one of the groups."""
    chosen = np.zeros(len(rows), dtype=bool)
    for group in some:
        chosen |= group.members(rows).to_numpy()
    return chosen


def _groups(meter: str, rows: pd.DataFrame) -> list[Group]:
    """The fewest columns that tell a meter's cut rows from the others."""
    names = list(reversed(ORDER))
    for name in ORDER:
        fewer = [one for one in names if one != name]
        if _tell(fewer, rows):
            names = fewer
    if not names:
        return [Group(meter, {}, _share(rows))]
    found = []
    for place, of_place in rows.groupby(names, sort=True):
        if of_place["share"].iloc[0] > 0:
            told = {name: _plain(value) for name, value in zip(names, place, strict=True)}
            found.append(Group(meter, told, _share(of_place)))
    return found


def _tell(names: list[str], rows: pd.DataFrame) -> bool:
    """Whether rows that are alike in these columns are cut by the same share."""
    if not names:
        return bool(np.ptp(rows["share"]) < 1e-9)
    spread = rows.groupby(names)["share"]
    return bool((spread.max() - spread.min() < 1e-9).all())


def _share(rows: pd.DataFrame) -> float:
    return round(float(rows["share"].iloc[0]), 9)


def _plain(value: Any) -> Any:
    return bool(value) if isinstance(value, (bool, np.bool_)) else str(value)
