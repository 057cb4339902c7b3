"""Simulated billing periods of all meters of an account, in worlds the meters share."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from audit.errors import InputError
from audit.forecast import correlation, growth
from audit.forecast.draws import chances, normal_quantile
from audit.forecast.months import FOLLOWING, boundaries, weekdays

FloatArray = npt.NDArray[np.float64]

#: Correlation of the noise of one period with that of the next.
PERSISTENCE = 0.9


@dataclass(frozen=True)
class Paths:
    """Totals of the running and the twelve following billing periods in every draw.

    ``totals``: draws x series x 13 periods, units, real numbers (rounding is the caller's),
    finite and never negative. ``boundaries``: 14 first days: period k goes from day k to before
    day k + 1. ``so_far``: units counted in the running period; ``level``: units per ordinary
    day; ``notes``: what is to be said of each series, empty where nothing is.
    """

    series: tuple[str, ...]
    boundaries: tuple[date, ...]
    totals: FloatArray
    so_far: FloatArray
    level: FloatArray
    notes: tuple[str, ...]

    def month(self, h: int) -> FloatArray:
        """Totals of one period, draws x series: 0 the running one, 1 to 12 those after it."""
        if not 0 <= h <= FOLLOWING:
            raise InputError(f"No billing period {h}: 0 is the running one, 12 the last.")
        return self.totals[:, :, h]


def simulate(
    values: FloatArray,
    *,
    last_day: date,
    period_start: date,
    period_end: date,
    draws: int,
    seed: int,
    monthly: FloatArray | None = None,
    changed_on: date | None = None,
    series: Sequence[str] | None = None,
) -> Paths:
    """The billing periods of an account's meters as ``draws`` shared worlds.

    ``values``: series x days, units a day, newest day (``last_day``) last, NaN = not known.
    ``monthly``: series x months, totals of past billing periods, the last of them the one before
    ``period_start``, NaN = not known. ``changed_on``: day since which a change is known to stay.

    Raises:
        InputError: no series, a series without a known day, a negative or infinite quantity, a
            period that ends before it begins or does not hold the day after ``last_day``.
    """
    cuts = boundaries(period_start, period_end)
    known = np.isfinite(values)
    names = tuple(series) if series is not None else tuple(str(k) for k in range(len(values)))
    days = [last_day - timedelta(days=back) for back in range(values.shape[1])][::-1]
    weekday = np.array([day.weekday() for day in days])
    filled = np.where(known, values, 0.0)
    recent = known[:, -28:].sum(axis=1)
    level = filled[:, -28:].sum(axis=1) / np.maximum(recent, 1)
    factors = np.ones((len(values), 7))
    scale = np.full(len(values), 0.15)
    residuals = np.where(known, np.log1p(values) - np.log1p(level)[:, None], np.nan)

    in_period = np.array([day >= period_start for day in days])
    so_far = filled[:, in_period].sum(axis=1)
    rest_days = weekdays(max(last_day + timedelta(days=1), period_start), period_end)
    rest = level * (factors @ rest_days)
    following = list(pairwise(cuts[1:]))
    lengths = np.stack([weekdays(first, end) for first, end in following])
    lead = np.array([(first - last_day).days + (end - first).days / 2 for first, end in following])
    along = PERSISTENCE ** np.abs(np.subtract.outer(np.arange(13.0), np.arange(13.0)))
    chance = chances(draws, seed, correlation.between_series(residuals), along)
    coming = growth.outlook(level, scale, lead)
    totals = np.empty((draws, len(values), 1 + FOLLOWING))
    shock = np.exp(scale[:, None] * normal_quantile(chance[:, 0]))
    totals[:, :, 0] = (so_far[:, None] + rest[:, None] * shock).T
    ordinary = factors @ lengths.T.astype(np.float64)
    totals[:, :, 1:] = (coming.per_day(chance[:, 1:]) * ordinary[:, :, None]).transpose(2, 0, 1)
    del weekday, monthly, changed_on
    return Paths(names, cuts, totals, so_far, level, coming.notes)


def scaled(paths: Paths, share: FloatArray | float) -> Paths:
    """The same worlds with ``share`` of every series' usage; a number or one per series."""
    factor = np.broadcast_to(np.asarray(share, dtype=np.float64), paths.so_far.shape)
    return replace(
        paths,
        totals=paths.totals * factor[None, :, None],
        so_far=paths.so_far * factor,
        level=paths.level * factor,
    )
