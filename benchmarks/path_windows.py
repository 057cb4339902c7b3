"""Real daily series cut into what was known and the thirteen billing periods that came."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise

import numpy as np
import pandas as pd
import series as real

from audit.forecast.growth import Outlook, outlook
from audit.forecast.months import boundaries, weekdays
from audit.forecast.past import past
from audit.forecast.running import running
from audit.forecast.steps import Steps

STEP_DAYS = 45
ELAPSED_DAYS = 15
AHEAD_DAYS = 390
AGES = (10, 20, 40, 80, 160, 320)
WHOLE = 400
LONGEST_DAYS = 1130
LEAST_KNOWN_SHARE = 0.9


@dataclass(frozen=True)
class Window:
    source: str
    age: int
    values: np.ndarray
    last_day: date
    start: date
    end: date
    actual: np.ndarray
    flat: float
    year: float
    same_month: np.ndarray

    @property
    def total(self) -> float:
        return float(self.actual[1:].sum())


def windows(frame: pd.DataFrame, most: int) -> Iterator[Window]:
    for source, end, days in real.arrays(frame).values():
        origins = list(range(len(days) - AHEAD_DAYS, min(AGES) - 1, -STEP_DAYS))
        for origin in origins[:: len(origins) // (most + 1) + 1]:
            last_day = (end - pd.Timedelta(days=len(days) - origin)).date()
            yield from cut(source, days, origin, last_day)


def cut(
    source: str,
    days: np.ndarray,
    origin: int,
    last_day: date,
    ages: tuple[int, ...] = (*AGES, WHOLE),
) -> Iterator[Window]:
    """The windows of a series that end before day ``origin``, by how much of it is known."""
    start = last_day - timedelta(days=ELAPSED_DAYS - 1)
    end = _next_month(start)
    cuts = boundaries(start, end)
    at = [origin + (one - last_day).days - 1 for one in cuts]
    actual = np.array([_total(days[max(a, 0) : b], b - a) for a, b in pairwise(at)])
    if not np.isfinite(actual[1:]).all():
        return
    months = range(1, 13)
    before = [origin + (_year_before(one) - last_day).days - 1 for one in cuts]
    for age in ages:
        if age > origin:
            continue
        length = min(origin, LONGEST_DAYS) if age == WHOLE else age
        seen = days[origin - length : origin]
        if np.isfinite(seen).mean() < 0.6 or not np.nansum(seen[-180:]) > 0:
            continue
        year = _total(seen[-365:], 365) if length >= 365 else np.nan
        same = np.full(13, np.nan)
        if length >= WHOLE:
            for k in months:
                a, b = before[k] - origin + length, before[k + 1] - origin + length
                if a >= 0 and b <= length:
                    same[k] = _total(seen[a:b], b - a) / max(b - a, 1)
        flat = _total(seen[-28:], 1.0)
        yield Window(source, age, seen, last_day, start, end, actual, flat, year, same)


def _total(days: np.ndarray, length: float) -> float:
    known = np.isfinite(days)
    if len(days) == 0 or known.mean() < LEAST_KNOWN_SHARE * (length > 28):
        return np.nan
    return float(np.where(known, days, 0.0).sum() / max(known.sum(), 1) * length)


def _next_month(day: date) -> date:
    year, index = divmod(12 * day.year + day.month, 12)
    return min(
        date(year, index + 1, 1) + timedelta(days=day.day - 1),
        (pd.Timestamp(year, index + 1, 1) + pd.offsets.MonthEnd()).date(),
    )


def _year_before(day: date) -> date:
    return (pd.Timestamp(day) - pd.DateOffset(years=1)).date()


def coming(window: Window, steps: Steps | None = None) -> tuple[Outlook, np.ndarray]:
    """The outlook, and ordinary days by month; ``steps``: those to take as given."""
    cuts = boundaries(window.start, window.end)
    following = list(pairwise(cuts[1:]))
    values = window.values[None]
    now = running(
        values, last_day=window.last_day, start=window.start, end=window.end, changed_on=None
    )
    factors = now.fitted.factors
    seen = past(values, factors, last_day=window.last_day, periods=following, steps=steps)
    lead = [(a - window.last_day).days + (b - a).days / 2 for a, b in following]
    ordinary = np.stack([weekdays(*one) for one in following]) @ factors[0]
    return outlook(seen, np.array(lead), now.fitted.scale), ordinary
