"""A sample a while after outreach: some planted faults were fixed, and usage has moved by itself.

What was fixed, and how much of it is left, is known, so that whatever verifies savings can be held
to it.
"""

import zlib
from dataclasses import replace

import numpy as np
import pandas as pd

from audit.errors import InputError
from audit.sources.sample.portfolio import Sample
from audit.sources.sample.vocabulary import COUNTER_OF_PRODUCT, COUNTERS

#: What the remedy of a planted fault takes away: the event (or duration) it is about, and the
#: shares of it that are left, from the best to the worst of those who fix it.
REMEDIES = {
    "autocapture_unread": ("$autocapture", 0.0, 0.2),
    "replay_without_minimum_duration": ("under_2_seconds", 0.0, 0.2),
    "web_vitals_unread": ("$web_vitals", 0.0, 0.1),
    "pageleave_unread": ("$pageleave", 0.0, 0.1),
    "dead_clicks_unread": ("$dead_click", 0.0, 0.1),
}
#: How far the log of a kind of usage strays by itself.
STRAYS = 0.05

PLACE = ["organization_id", "project_id", "usage_type"]


def adopted(sample: Sample, percent: float, *, seed: int = 7) -> tuple[Sample, pd.DataFrame]:
    """The sample with so many percent of its faults that have a remedy here fixed for the whole of
    its window, and those: organization_id, project_id, check, left (share of the usage).

    Raises: InputError for no percentage.
    """
    if not 0 <= percent <= 100:
        raise InputError(f"adopted={percent} is no percentage: give 0 to 100.")
    truth = sample.truth[sample.truth["check"].isin(list(REMEDIES))].reset_index(drop=True)
    chance = np.array([_of(seed, *row) for row in _keys(truth)])
    fixed = truth[chance * 100 < percent][["organization_id", "project_id", "check"]]
    fixed = fixed.reset_index(drop=True)
    fixed["left"] = [_left(seed, *row) for row in _keys(fixed)]
    rows = sample.tables["usage_rows"]
    after = rows["quantity"].to_numpy(dtype=np.float64) * _own_ways(rows, seed)
    events = fixed["check"].map({check: event for check, (event, *_) in REMEDIES.items()})
    left = fixed.assign(event=events).groupby(["organization_id", "project_id", "event"])["left"]
    places = pd.MultiIndex.from_frame(rows[["organization_id", "project_id", "event"]].astype(str))
    after *= left.min().reindex(places).fillna(1.0).to_numpy()
    changed = rows.assign(quantity=np.rint(after).astype("int64")).astype(rows.dtypes)
    tables = {**sample.tables, "usage_rows": changed, "usage_daily": _daily(sample, changed)}
    return replace(sample, tables=tables), fixed


def _daily(sample: Sample, changed: pd.DataFrame) -> pd.DataFrame:
    """Billed usage of the window moves with the rows that drive it."""
    counter = {product: COUNTERS[place].usage_type for product, place in COUNTER_OF_PRODUCT.items()}
    rows, daily = sample.tables["usage_rows"], sample.tables["usage_daily"]
    sums = pd.DataFrame(
        {
            "organization_id": rows["organization_id"].astype(str),
            "project_id": rows["project_id"].astype(str),
            "usage_type": rows["meter"].astype(str).map(counter),
            "before": rows["quantity"].astype("float64"),
            "after": changed["quantity"].astype("float64"),
        }
    )
    totals = sums.dropna().groupby(PLACE)[["before", "after"]].sum()
    factor = (totals["after"] / totals["before"]).where(totals["before"] > 0, 1.0)
    places = pd.MultiIndex.from_frame(daily[PLACE].astype(str))
    by_day = factor.reindex(places).fillna(1.0).to_numpy()
    start = pd.Timestamp(rows["window_start"].min())
    inside = (daily["day"] >= start).to_numpy()
    quantity = daily["quantity"].to_numpy(dtype=np.float64) * np.where(inside, by_day, 1.0)
    return daily.assign(quantity=np.rint(quantity).astype("int64")).astype(daily.dtypes)


def _own_ways(rows: pd.DataFrame, seed: int) -> "np.ndarray[tuple[int], np.dtype[np.float64]]":
    """What every kind of usage does by itself; all meters of an event go the same way."""
    kinds = rows[["organization_id", "project_id", "event"]].astype(str)
    number, known = pd.factorize(pd.MultiIndex.from_frame(kinds))
    ways = [np.exp(STRAYS * _normal(seed, *kind)) for kind in known]
    return np.asarray(ways)[number]


def _keys(frame: pd.DataFrame) -> list[tuple[str, ...]]:
    return [
        (str(row.organization_id), str(row.project_id), str(row.check))
        for row in frame.itertuples()
    ]


def _of(seed: int, *words: str) -> float:
    """A number from 0 to 1 that belongs to these words."""
    return zlib.crc32("\x1f".join([str(seed), *words]).encode()) / 2**32


def _left(seed: int, *words: str) -> float:
    _, best, worst = REMEDIES[words[-1]]
    return round(best + (worst - best) * _of(seed, "left", *words), 4)


def _normal(seed: int, *words: str) -> float:
    first, second = (max(_of(seed, way, *words), 1e-9) for way in ("radius", "angle"))
    return float(np.sqrt(-2 * np.log(first)) * np.cos(2 * np.pi * second))
