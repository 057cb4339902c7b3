"""What anybody can compute in their head: the forecasts that ours has to beat.

All take the same: ``values``, units per day, (series, days), newest day last, NaN is an unknown
day; ``elapsed_days``, days of the period that are over, the last ones of ``values``; and
``horizon_days``, days of the period to come. They return the units expected of the days to come,
(series,): NaN where no day that is looked at is known.
"""

from collections.abc import Mapping
from typing import Protocol

import numpy as np

from audit.forecast.cleaning import WEEK, Floats

#: Weeks that are looked through for the newest known day of a weekday.
WEEKS_BACK = 4


class Baseline(Protocol):
    def __call__(self, values: Floats, *, elapsed_days: int, horizon_days: int) -> Floats: ...


def run_rate(values: Floats, *, elapsed_days: int, horizon_days: int) -> Floats:
    """The days to come are like the mean of the period so far."""
    return _mean(_last(values, elapsed_days)) * horizon_days


def last_period(values: Floats, *, elapsed_days: int, horizon_days: int) -> Floats:
    """The days to come are like the same days of the period before, as long as this one; unknown
    days of it like its known ones."""
    period_days = elapsed_days + horizon_days
    before = _last(values, period_days)
    same = before[:, : max(before.shape[1] - elapsed_days, 0)]
    known = ~np.isnan(same)
    unknown = horizon_days - known.sum(axis=1)
    missing = np.where(unknown > 0, unknown * _mean(same), 0.0)
    return np.where(known, same, 0.0).sum(axis=1) + missing


def last_week(values: Floats, *, elapsed_days: int, horizon_days: int) -> Floats:  # noqa: ARG001
    """The days to come are like the mean of the last seven days."""
    return _mean(_last(values, WEEK)) * horizon_days


def seasonal_naive(
    values: Floats,
    *,
    elapsed_days: int,  # noqa: ARG001 - every baseline is asked alike
    horizon_days: int,
) -> Floats:
    """Every day to come is like the newest known day of the same weekday, of the last four weeks;
    a weekday with none is like the mean of the others."""
    days = _last(values, WEEKS_BACK * WEEK)
    padded = np.full((len(days), WEEKS_BACK * WEEK), np.nan)
    padded[:, padded.shape[1] - days.shape[1] :] = days
    weeks = padded.reshape(len(days), WEEKS_BACK, WEEK)
    newest = weeks[:, 0]
    for week in range(1, WEEKS_BACK):
        newest = np.where(np.isnan(weeks[:, week]), newest, weeks[:, week])
    newest = np.where(np.isnan(newest), _mean(newest)[:, None], newest)
    # The first column is the weekday of the first day to come.
    times = (horizon_days + WEEK - 1 - np.arange(WEEK)) // WEEK
    return newest @ times.astype(np.float64)


#: By name, as tables show them.
BASELINES: Mapping[str, Baseline] = {
    "run_rate": run_rate,
    "last_period": last_period,
    "last_week": last_week,
    "seasonal_naive": seasonal_naive,
}


def _last(values: Floats, days: int) -> Floats:
    return values[:, max(values.shape[1] - days, 0) :]


def _mean(values: Floats) -> Floats:
    """Of the known days; NaN where there is none."""
    known = ~np.isnan(values)
    count = known.sum(axis=1)
    total = np.where(known, values, 0.0).sum(axis=1)
    return np.where(count > 0, total / np.maximum(count, 1), np.nan)
