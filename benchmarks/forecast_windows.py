"""Periods of 30 days of real series, some of their days seen, and their totals by method."""

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import pandas as pd
import series as real

from audit.forecast.baselines import BASELINES
from audit.forecast.intervals import shock
from audit.forecast.method import fit

PERIOD_DAYS = 30
HISTORY_DAYS = 180
SEEN_DAYS = (5, 10, 15, 20, 25)
MOST_WINDOWS = 15
LEAST_HISTORY_DAYS = 60
LEAST_UNITS = 30.0
THIRDS = ("calm", "middle", "jumpy")
#: A Monday; only weekdays matter to the forecast.
MONDAY = date(2024, 1, 1)
PROBABILITIES = {"p025": 0.025, "p10": 0.10, "p90": 0.90, "p975": 0.975}
OURS = "ours"
METHODS = ("run_rate", "last_period", "last_week", "seasonal_naive", OURS)


@dataclass(frozen=True)
class Windows:
    """``days`` (windows, 210): history, NaN where there is none, then the period. ``weekday``: of
    the first day of the period, Monday 0."""

    days: np.ndarray
    weekday: np.ndarray
    series: np.ndarray
    source: np.ndarray
    volatility: np.ndarray

    def __len__(self) -> int:
        return len(self.days)

    def where(self, chosen: np.ndarray) -> "Windows":
        return Windows(
            self.days[chosen],
            self.weekday[chosen],
            self.series[chosen],
            self.source[chosen],
            self.volatility[chosen],
        )

    @property
    def total(self) -> np.ndarray:
        return self.days[:, HISTORY_DAYS:].sum(axis=1)

    @property
    def third(self) -> np.ndarray:
        cuts = np.quantile(self.volatility, [1 / 3, 2 / 3])
        return np.searchsorted(cuts, self.volatility)


def windows(frame: pd.DataFrame) -> Windows:
    days, weekdays, names, sources = [], [], [], []
    for name, (source, last_day, values) in real.arrays(frame).items():
        newest = len(values) - PERIOD_DAYS
        starts = np.unique(
            np.linspace(LEAST_HISTORY_DAYS, newest, MOST_WINDOWS).astype(np.int64)
        ) if newest >= LEAST_HISTORY_DAYS else np.array([], dtype=np.int64)  # fmt: skip
        for start in _apart(starts):
            period = values[start : start + PERIOD_DAYS]
            before = values[max(start - HISTORY_DAYS, 0) : start]
            if np.isnan(period).any() or period.sum() < LEAST_UNITS:
                continue
            if np.count_nonzero(~np.isnan(before)) < LEAST_HISTORY_DAYS * 0.9:
                continue
            row = np.full(HISTORY_DAYS + PERIOD_DAYS, np.nan)
            row[HISTORY_DAYS - len(before) : HISTORY_DAYS] = before
            row[HISTORY_DAYS:] = period
            days.append(row)
            first = last_day - pd.Timedelta(days=len(values) - 1 - int(start))
            weekdays.append(first.weekday())
            names.append(name)
            sources.append(source)
    table = np.array(days)
    return Windows(
        table,
        np.array(weekdays),
        np.array(names, dtype=object),
        np.array(sources, dtype=object),
        _volatility(table),
    )


def _apart(starts: np.ndarray) -> list[int]:
    """Starts that are at least half a period apart."""
    kept: list[int] = []
    for start in starts.tolist():
        if not kept or start - kept[-1] >= PERIOD_DAYS // 2:
            kept.append(start)
    return kept


def _volatility(days: np.ndarray) -> np.ndarray:
    weeks = days[:, HISTORY_DAYS % 7 : HISTORY_DAYS].reshape(len(days), -1, 7)
    known = np.count_nonzero(~np.isnan(weeks), axis=2)
    totals = np.where(known >= 5, np.nansum(weeks, axis=2) / np.maximum(known, 1), np.nan)
    return np.nanstd(totals, axis=1) / np.maximum(np.nanmean(totals, axis=1), 1e-9)


def forecasts(given: Windows, seen: int, names: tuple[str, ...] = METHODS) -> dict[str, np.ndarray]:
    """Totals by method; ours with the ends of its ranges, ``scale``, ``rest`` and ``stays``."""
    left = PERIOD_DAYS - seen
    known = given.days[:, : HISTORY_DAYS + seen]
    so_far = known[:, HISTORY_DAYS:].sum(axis=1)
    out = {
        name: so_far + baseline(known, elapsed_days=seen, horizon_days=left)
        for name, baseline in BASELINES.items()
        if name in names
    }
    if OURS in names:
        out |= ours(given, seen, so_far)
    return out


def ours(given: Windows, seen: int, so_far: np.ndarray) -> dict[str, np.ndarray]:
    left = PERIOD_DAYS - seen
    count = len(given)
    rest, stays, scale = np.zeros(count), np.zeros(count), np.zeros(count)
    jumped = np.zeros(count, dtype=bool)
    for weekday in range(7):
        rows = np.flatnonzero(given.weekday == weekday)
        if len(rows) == 0:
            continue
        first = MONDAY + timedelta(days=weekday)
        found = fit(
            given.days[rows, : HISTORY_DAYS + seen],
            last_day=first + timedelta(days=seen - 1),
            horizon_days=left,
        )
        coming = (weekday + seen + np.arange(left)) % 7
        share = found.factors[:, coming].sum(axis=1)
        rest[rows], stays[rows] = found.level * share, found.level_if_it_stays * share
        scale[rows], jumped[rows] = found.scale, found.jumped
    ends = {
        name: so_far + rest * np.exp(scale * shock(probability, seen))
        for name, probability in PROBABILITIES.items()
    }
    return {
        OURS: so_far + rest,
        "if_it_stays": so_far + stays,
        "rest": rest,
        "scale": scale,
        "jumped": jumped,
        **ends,
    }


def errors(total: np.ndarray, forecast: np.ndarray) -> np.ndarray:
    """Signed, percent of the actual total."""
    return 100 * (forecast / total - 1)


def points(given: Windows, found: dict[str, np.ndarray], chosen: np.ndarray) -> dict:
    total = given.total[chosen]
    out = {}
    for name in METHODS:
        off = errors(total, found[name][chosen])
        off = off[~np.isnan(off)]
        out[name] = {
            "median": float(np.median(np.abs(off))),
            "mean": float(np.mean(np.abs(off))),
            "bias": float(np.median(off)),
        }
    for name in METHODS:
        out[name]["ratio"] = out[name]["median"] / max(out["run_rate"]["median"], 1e-9)
    return out


def ranges(total: np.ndarray, found: dict[str, np.ndarray], chosen: np.ndarray) -> dict:
    out = {}
    actual = total[chosen]
    for name, low, high in (("80", "p10", "p90"), ("95", "p025", "p975")):
        bottom, top = found[low][chosen], found[high][chosen]
        out[f"covered_{name}"] = float(100 * np.mean((bottom <= actual) & (actual <= top)))
        out[f"width_{name}"] = float(100 * np.median((top - bottom) / actual))
    return out
