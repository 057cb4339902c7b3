"""The forecast judged on an account's own past, next to what anybody can compute by head.

Past periods are forecast as if they were running: at several days of each, from the days before
that day only. Errors are of the period's total, in percent.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from audit.errors import InputError
from audit.forecast.baselines import BASELINES
from audit.forecast.cleaning import WEEK, Floats, Truths
from audit.forecast.intervals import shock
from audit.forecast.method import HISTORY_DAYS, fit

OURS = "forecast"
METHODS = (OURS, *BASELINES)

#: Where in a period the forecast is made: the share of its days that is over.
ELAPSED_SHARES = (0.15, 0.33, 0.5, 0.67, 0.85)

#: Every weekday is in it.
SHORTEST_PERIOD_DAYS = WEEK

#: Days between the starts of two periods: whole weeks, so that all start on one weekday.
STEP_DAYS = 2 * WEEK

#: The newest so many periods are taken: about the last 200 days. A method is chosen no better
#: from more.
MOST_PERIODS = 13

#: Days before a period that must be known of a series for it to be judged there.
LEAST_DAYS_BEFORE = 28

#: The shocks were measured on periods of so many days.
MEASURED_PERIOD_DAYS = 30

RANGES = {"80": (0.10, 0.90), "95": (0.025, 0.975)}


@dataclass(frozen=True)
class Score:
    """How one method did over past periods of one series, or of many.

    periods: past periods judged, added up over the series. error_percent: mean absolute error
    over the series' own mean total, so that all series count alike. median_error_percent: median
    over the periods with any usage, each against its own total. bias_percent: mean error over the
    mean total; above 0 it forecasts too much. covered_*_percent: share of the totals inside the
    range; width_*_percent: median width of the range over the total. None: it has no range, or
    nothing can be said. A series without usage in any period has no error in percent and is left
    out.
    """

    method: str
    periods: int
    error_percent: float | None
    median_error_percent: float | None
    bias_percent: float | None
    covered_80_percent: float | None = None
    covered_95_percent: float | None = None
    width_80_percent: float | None = None
    width_95_percent: float | None = None


@dataclass(frozen=True)
class Backtest:
    """Arrays are (moments, periods, series). ``elapsed_days``: days of the period that were over
    at each moment. ``first_days``: of the periods, oldest first; they overlap by about half.
    ``actual``: (periods, series) units, NaN where the series is not judged: a day of the period
    is unknown, or too few before it. ``totals``: by method, NaN where it has nothing to go by.
    ``low``, ``high``: of the forecast's ranges, by "80" and "95". ``reason``: why there are no
    periods; else empty."""

    period_days: int
    elapsed_days: tuple[int, ...]
    first_days: tuple[date, ...]
    actual: Floats
    totals: Mapping[str, Floats] = field(default_factory=dict)
    low: Mapping[str, Floats] = field(default_factory=dict)
    high: Mapping[str, Floats] = field(default_factory=dict)
    reason: str = ""

    @property
    def series(self) -> int:
        return self.actual.shape[1]

    @property
    def is_used(self) -> Truths:
        """(series,): judged in some period, with usage in one of them."""
        return np.asarray((self.actual > 0).any(axis=0))

    @property
    def periods_judged(self) -> NDArray[np.int64]:
        """(series,): periods a series is judged in."""
        return np.count_nonzero(~np.isnan(self.actual), axis=0)


def backtest(
    values: ArrayLike,
    *,
    last_day: date,
    period_days: int = 30,
    shares: Sequence[float] = ELAPSED_SHARES,
    most_periods: int = MOST_PERIODS,
) -> Backtest:
    """Forecast the past periods of ``period_days`` days of each series, the newest ending on
    ``last_day``.

    ``values``: units per day, (series, days), newest day last, NaN is an unknown day.
    Raises: InputError for a period under a week, a share outside 0 to 1, or bad units.
    """
    array = np.asarray(values, dtype=np.float64)
    if array.ndim != 2:
        raise InputError(f"values is a table of (series, days), got {array.shape}.")
    if np.isinf(array).any() or (array < 0).any():
        raise InputError("Usage is a number of units from 0 on; got a negative or infinite day.")
    if period_days < SHORTEST_PERIOD_DAYS:
        raise InputError(f"period_days is at least {SHORTEST_PERIOD_DAYS}, got {period_days}.")
    moments = sorted({min(max(round(s * period_days), 1), period_days - 1) for s in shares})
    if not moments or not all(0 < share < 1 for share in shares):
        raise InputError(f"shares lie between 0 and 1 and there is at least one, got {shares}.")
    starts = _starts(array.shape[1], period_days, most_periods)
    if not starts or array.shape[0] == 0:
        return _nothing(array, period_days, moments)
    actual = _actual(array, starts, period_days)
    judged = ~np.isnan(actual)
    if not judged.any():
        return _nothing(array, period_days, moments)
    shape = (len(moments), *actual.shape)
    totals = {name: np.full(shape, np.nan) for name in METHODS}
    low = {name: np.full(shape, np.nan) for name in RANGES}
    high = {name: np.full(shape, np.nan) for name in RANGES}
    newest = last_day - timedelta(days=period_days)
    for at, elapsed in enumerate(moments):
        known = _known(array, starts, elapsed, period_days)[judged]
        so_far = known[:, -elapsed:].sum(axis=1)
        horizon = period_days - elapsed
        for name, baseline in BASELINES.items():
            rest = baseline(known, elapsed_days=elapsed, horizon_days=horizon)
            totals[name][at][judged] = so_far + rest
        seen = newest + timedelta(days=elapsed)
        found = fit(known, last_day=seen, horizon_days=horizon)
        coming = (seen.weekday() + 1 + np.arange(horizon)) % WEEK
        rest = found.level * found.factors[:, coming].sum(axis=1)
        totals[OURS][at][judged] = so_far + rest
        for name, ends in RANGES.items():
            for side, probability in zip((low, high), ends, strict=True):
                off = found.scale * shock(probability, MEASURED_PERIOD_DAYS - horizon)
                side[name][at][judged] = so_far + rest * np.exp(off)
    first_days = tuple(
        newest + timedelta(days=1 + start - (array.shape[1] - period_days)) for start in starts
    )
    return Backtest(period_days, tuple(moments), first_days, actual, totals, low, high)


def score(
    found: Backtest,
    method: str = OURS,
    *,
    series: int | None = None,
    elapsed_days: int | None = None,
) -> Score:
    """Of one method over one series, or all pooled, at one moment, or all."""
    moment = None if elapsed_days is None else found.elapsed_days.index(elapsed_days)
    columns = np.arange(found.series) if series is None else np.array([series])
    return _summary(method, [_outcomes(found, method, columns, moment)])


def pooled(
    all_found: Iterable[Backtest], method: str = OURS, *, moment: int | None = None
) -> Score:
    """Of one method over all series of many accounts, at one moment (a place in
    ``elapsed_days``), or all."""
    parts = [_outcomes(found, method, np.arange(found.series), moment) for found in all_found]
    return _summary(method, parts)


class _Outcomes(NamedTuple):
    """One entry per forecast that was made. ``relative``, ``signed``: error over the mean total of
    the series; ``own``: absolute error over the period's total, NaN where that is 0; ``inside``,
    ``width``: by range, in the order of ``RANGES``."""

    periods: int
    relative: Floats
    signed: Floats
    own: Floats
    inside: Floats
    width: Floats


def _outcomes(
    found: Backtest, method: str, columns: NDArray[np.int64], moment: int | None
) -> _Outcomes:
    periods = int(found.periods_judged[columns].sum()) if not found.reason else 0
    columns = columns[found.is_used[columns]]
    if found.reason or len(columns) == 0:
        nothing = np.zeros(0)
        return _Outcomes(periods, nothing, nothing, nothing, np.zeros((2, 0)), np.zeros((2, 0)))
    moments = slice(None) if moment is None else slice(moment, moment + 1)
    actual = found.actual[:, columns]
    totals = found.totals[method][moments][:, :, columns]
    said = ~np.isnan(totals)
    off = (totals - actual)[said]
    usual = np.broadcast_to(np.nanmean(actual, axis=0), totals.shape)[said]
    total = np.broadcast_to(actual, totals.shape)[said]
    own = np.where(total > 0, total, np.nan)
    inside, width = np.zeros((2, len(off))), np.full((2, len(off)), np.nan)
    if method == OURS:
        for row, name in enumerate(RANGES):
            low = found.low[name][moments][:, :, columns][said]
            high = found.high[name][moments][:, :, columns][said]
            inside[row] = (low <= total) & (total <= high)
            width[row] = (high - low) / own
    return _Outcomes(periods, np.abs(off) / usual, off / usual, np.abs(off) / own, inside, width)


def _summary(method: str, parts: Sequence[_Outcomes]) -> Score:
    periods = sum(part.periods for part in parts)
    relative = np.concatenate([part.relative for part in parts]) if parts else np.zeros(0)
    if len(relative) == 0:
        return Score(method, periods, None, None, None)
    error = float(100 * np.mean(relative))
    bias = float(100 * np.mean(np.concatenate([part.signed for part in parts])))
    median = _median(np.concatenate([part.own for part in parts]))
    if method != OURS:
        return Score(method, periods, error, median, bias)
    inside = np.concatenate([part.inside for part in parts], axis=1)
    width = np.concatenate([part.width for part in parts], axis=1)
    ranges: dict[str, float | None] = {}
    for row, name in enumerate(RANGES):
        ranges[f"covered_{name}_percent"] = float(100 * np.mean(inside[row]))
        ranges[f"width_{name}_percent"] = _median(width[row])
    return Score(method, periods, error, median, bias, **ranges)


def _median(shares: Floats) -> float | None:
    known = shares[~np.isnan(shares)]
    return float(100 * np.median(known)) if len(known) else None


def _starts(days: int, period_days: int, most: int) -> list[int]:
    """Columns that the periods start at, oldest first."""
    newest = days - period_days
    starts = range(newest, LEAST_DAYS_BEFORE - 1, -STEP_DAYS)
    return list(starts)[:most][::-1]


def _actual(values: Floats, starts: Sequence[int], period_days: int) -> Floats:
    """(periods, series): totals, NaN where a series is not judged."""
    known = np.concatenate(
        [np.zeros((len(values), 1), dtype=np.int64), np.cumsum(~np.isnan(values), axis=1)], axis=1
    )
    rows = []
    for start in starts:
        total = values[:, start : start + period_days].sum(axis=1)
        before = known[:, start] - known[:, max(start - HISTORY_DAYS, 0)]
        rows.append(np.where(before >= LEAST_DAYS_BEFORE, total, np.nan))
    return np.array(rows)


def _known(values: Floats, starts: Sequence[int], elapsed: int, period_days: int) -> Floats:
    """(periods, series, days): what was known at that moment of each period."""
    width = max(HISTORY_DAYS, period_days) + elapsed
    out = np.full((len(starts), len(values), width), np.nan)
    for place, start in enumerate(starts):
        seen = values[:, max(start + elapsed - width, 0) : start + elapsed]
        out[place, :, width - seen.shape[1] :] = seen
    return out


def not_judged(series: int, period_days: int) -> Backtest:
    """Of periods that are too short: there is nothing to judge in a part of a week."""
    reason = (
        f"A billing period of {period_days} days is too short to judge forecasts by; it takes "
        f"{SHORTEST_PERIOD_DAYS}."
    )
    return Backtest(period_days, (), (), np.zeros((0, series)), reason=reason)


def _nothing(values: Floats, period_days: int, moments: Sequence[int]) -> Backtest:
    least = period_days + LEAST_DAYS_BEFORE
    if values.shape[0] == 0 or np.isnan(values).all():
        reason = "No daily usage is known."
    elif values.shape[1] < least:
        reason = (
            f"{values.shape[1]} days of usage are known; a past period of {period_days} days can "
            f"be judged from {least} days on."
        )
    else:
        reason = (
            f"No past period of {period_days} days is known whole, with {LEAST_DAYS_BEFORE} known "
            "days before it."
        )
    return Backtest(period_days, tuple(moments), (), np.zeros((0, values.shape[0])), reason=reason)
