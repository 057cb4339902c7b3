"""The level of many series over the coming days, and how far it has been off.

Weekday factors, one-day outliers cleaned, seven memories and a trend weighed by their own
record, an ongoing jump believed as far as jumps have lasted. docs/forecast.md has it in words.
"""

from dataclasses import dataclass, fields
from datetime import date

import numpy as np
from numpy.typing import ArrayLike, NDArray

from audit.errors import InputError
from audit.forecast.cleaning import (
    LEAST_FACTOR,
    WEEK,
    Floats,
    Truths,
    filled,
    is_often_empty,
    weekday_factors,
    without_outliers,
)
from audit.forecast.levels import LEAST_RESIDUALS, blended
from audit.forecast.shifts import ongoing

#: Days of history that are used.
HISTORY_DAYS = 180

#: Mean absolute logarithmic error of other series, by days ahead (real daily series).
POOL_DAYS_AHEAD = (5.0, 10.0, 15.0, 20.0, 25.0)
POOL_ERRORS = (0.117, 0.106, 0.100, 0.0963, 0.0926)

#: The range is so much wider while a jump is going on.
JUMP_WIDENING = 2.0

#: Errors never get so small or large that a range is a point or has no end.
LEAST_SCALE, LARGEST_SCALE = 1e-4, 1.5

#: Series that are worked on at once; more no longer fit the processor's cache.
BATCH = 256


@dataclass(frozen=True)
class Portfolio:
    """What other series lend to one that is too young: ``factors``, (7,), Monday first, and
    ``error``, their typical scale."""

    factors: Floats
    error: float


@dataclass(frozen=True)
class Fit:
    """What the coming days are expected to be, one entry per series.

    level: units per ordinary day over the coming horizon; an ongoing jump counts as far as
        jumps have lasted ("if it passes").
    level_if_it_stays: the same with the whole jump; equal to ``level`` where nothing jumped.
    factors: (series, 7), Monday first, mean 1: a weekday's units against an ordinary day's.
    scale: typical error of the level over the horizon, as a logarithm; ranges are multiples.
    jumped: the last one to six days are far off, so that nobody can tell yet.
    days_known: days seen in the history that is used.
    """

    level: Floats
    level_if_it_stays: Floats
    factors: Floats
    scale: Floats
    jumped: Truths
    days_known: NDArray[np.int64]


def fit(
    values: ArrayLike,
    *,
    last_day: date,
    horizon_days: int,
    changed_on: date | None = None,
    portfolio: Portfolio | None = None,
) -> Fit:
    """The level of each series over the ``horizon_days`` after ``last_day``.

    ``values``: units per day, (series, days), newest day last; NaN is an unknown day. Days
    older than 180 are not used. ``changed_on``: usage is known to be of a new kind from this
    day on: only the weekdays are learned from before. A series' result does not depend on the
    others.
    Raises: InputError for negative or infinite units, or a horizon without a day.
    """
    array = np.asarray(values, dtype=np.float64)
    if array.ndim != 2 or array.shape[1] == 0:
        raise InputError(
            f"values is a table of (series, days) with at least one day, got {array.shape}."
        )
    if horizon_days < 1:
        raise InputError(f"horizon_days is at least 1, got {horizon_days}.")
    if np.isinf(array).any() or (array < 0).any():
        raise InputError("Usage is a number of units from 0 on; got a negative or infinite day.")
    recent = array[:, -HISTORY_DAYS:]
    days = recent.shape[1]
    weekdays = (last_day.weekday() - np.arange(days)[::-1]) % WEEK
    counts_from = 0
    if changed_on is not None:
        if changed_on > last_day:
            raise InputError(
                f"changed_on is {changed_on}, after the last day of usage ({last_day}): nothing "
                "of the new kind has been seen yet."
            )
        counts_from = max(days - 1 - (last_day - changed_on).days, 0)
    parts = [
        _fit(
            np.ascontiguousarray(recent[start : start + BATCH].T),
            weekdays,
            horizon_days,
            counts_from,
            portfolio,
        )
        for start in range(0, max(len(recent), 1), BATCH)
    ]
    return Fit(**{f.name: np.concatenate([getattr(p, f.name) for p in parts]) for f in fields(Fit)})


def _fit(
    values: Floats,
    weekdays: NDArray[np.int64],
    horizon_days: int,
    counts_from: int,
    portfolio: Portfolio | None,
) -> Fit:
    # Units in a range that any arithmetic can bear; multiplied back at the end.
    unit = np.where(np.isnan(values), 0.0, values).max(axis=0, initial=0.0)
    unit = np.where(unit > 0, unit, 1.0)
    values = values / unit
    factors = weekday_factors(values, weekdays, None if portfolio is None else portfolio.factors)
    values, weekdays = values[counts_from:], weekdays[counts_from:]
    known = ~np.isnan(values)
    days_known = known.sum(axis=0)
    raw = filled(values / np.maximum(factors, LEAST_FACTOR)[weekdays], known)
    shifts = ongoing(raw, days_known)
    levelled = shifts.levelled(raw)
    often_empty = is_often_empty(values)
    clean = without_outliers(levelled, often_empty)
    levels = blended(levelled, clean, known, often_empty, horizon_days)
    stays = levels.level * np.exp(shifts.jump - shifts.lasting)
    stays = np.where(shifts.is_open, stays, levels.level)
    pool = float(np.interp(horizon_days, POOL_DAYS_AHEAD, POOL_ERRORS))
    if portfolio is not None:
        pool = max(pool, portfolio.error)
    some = raw.max(axis=0, initial=0.0) > 0
    return Fit(
        level=np.where(some, levels.level, 0.0) * unit,
        level_if_it_stays=np.where(some, stays, 0.0) * unit,
        factors=factors.T,
        scale=_scale(levels.error, levels.origins, pool, horizon_days)
        * _widening(shifts.is_active),
        jumped=shifts.is_open & some,
        days_known=days_known,
    )


def _scale(error: Floats, origins: NDArray[np.int64], pool: float, horizon_days: int) -> Floats:
    independent = np.where(origins >= LEAST_RESIDUALS, origins / horizon_days, 0.0)
    own = np.log(np.maximum(error, LEAST_SCALE))
    return np.exp((independent * own + np.log(pool)) / (independent + 1))


def _widening(active: Truths) -> Floats:
    return np.where(active, JUMP_WIDENING, 1.0)
