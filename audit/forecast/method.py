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
    TINY,
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

#: What the typical error of a series without a record is, from how much its days differ: an error
#: of .102 goes with days that differ by .348 (mean absolute difference of the logarithms of
#: neighbours), and the larger the difference, the larger the error, by these powers.
USUAL_ERROR, USUAL_NOISE = 0.102, 0.348
NOISE_POWER, NOISE_POWER_ALONE = 0.30, 0.27
LEAST_NOISE, LARGEST_NOISE = 0.02, 1.5

#: Errors were measured up to so many days ahead; beyond, they grow as those of a random walk.
MEASURED_HORIZON_DAYS = 30

#: Days in use in a row that make the empty days before them a time before the start.
STARTING_DAYS = 3

#: Where days in use are single happenings, their mere number varies; a range counts it so often.
LUCK_COUNTS = 1.2

#: A day counts as at least this share of a mean day where neighbours are compared.
LEAST_NEIGHBOUR_SHARE = 0.05

#: Ranges of young series are so much wider, by the days known.
YOUNG_DAYS = (1.0, 3.0, 5.0, 7.0, 9.0, 12.0, 20.0, 40.0, 60.0, 100.0)
YOUNG_WIDENING = (6.0, 5.0, 3.8, 2.7, 1.85, 1.62, 1.28, 1.12, 1.08, 1.0)

#: A weekday below this share of a mean day is all but closed.
CLOSED_FACTOR = 0.15

#: The range is so much wider while a jump is going on.
JUMP_WIDENING = 2.0

#: Added to every typical error: the calmest record has holidays ahead.
LEAST_SURPRISE = 0.005

#: Errors never get so small or large that a range is a point or has no end.
LEAST_SCALE, LARGEST_SCALE = 1e-4, 1.0

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
    values = _since_start(values)
    factors = weekday_factors(values, weekdays, None if portfolio is None else portfolio.factors)
    values, weekdays = values[counts_from:], weekdays[counts_from:]
    known = ~np.isnan(values)
    days_known = known.sum(axis=0)
    # On a weekday that is all but closed nothing is seen of the level.
    is_open = factors >= CLOSED_FACTOR
    seen = known & is_open[weekdays]
    # Where these are most weekdays, only the others make up the series.
    mostly_closed = is_open.mean(axis=0) < 0.5
    raw = filled(
        values / np.maximum(factors, LEAST_FACTOR)[weekdays], known & (seen | ~mostly_closed)
    )
    shifts = ongoing(raw, days_known)
    silent = shifts.is_silent(len(raw))
    seen &= ~silent
    levelled = filled(shifts.levelled(raw), ~silent)
    often_empty = is_often_empty(values)
    clean = without_outliers(levelled, often_empty)
    levels = blended(levelled, clean, seen, often_empty, horizon_days, is_open.mean(axis=0))
    stays = levels.level * np.exp(shifts.jump - shifts.lasting)
    stays = np.where(shifts.is_open, np.where(shifts.is_empty, 0.0, stays), levels.level)
    scale = _scale(levels.error, levels.origins, _noise(levelled, seen), horizon_days, portfolio)
    scale = np.maximum(scale, np.where(often_empty, _luck(values, known, horizon_days), 0.0))
    scale *= np.where(shifts.is_active, JUMP_WIDENING, 1.0)
    scale *= np.interp(days_known, YOUNG_DAYS, YOUNG_WIDENING)
    some = (raw.max(axis=0, initial=0.0) > 0) & ~shifts.has_ended
    return Fit(
        level=np.where(some, levels.level, 0.0) * unit,
        level_if_it_stays=np.where(some, stays, 0.0) * unit,
        factors=factors.T,
        scale=np.minimum(scale, LARGEST_SCALE),
        jumped=shifts.is_open & some,
        days_known=days_known,
    )


def _since_start(values: Floats) -> Floats:
    """Empty days before a meter was first used are no history of its use."""
    used = values > 0
    first = np.argmax(used, axis=0)
    at = np.minimum(first + np.arange(STARTING_DAYS)[:, None], len(values) - 1)
    goes_on = np.take_along_axis(used, at, 0).all(axis=0)
    return np.where(goes_on & (np.arange(len(values))[:, None] < first), np.nan, values)


def _scale(
    error: Floats,
    origins: NDArray[np.int64],
    noise: Floats,
    horizon_days: int,
    portfolio: Portfolio | None,
) -> Floats:
    """The own typical error, drawn to what others with such days have had, the more the less
    often the horizon fits into the record."""
    independent = np.where(origins >= LEAST_RESIDUALS, origins / horizon_days, 0.0)
    power = NOISE_POWER + NOISE_POWER_ALONE / (independent + 1)
    others = np.log(USUAL_ERROR) + power * np.log(noise / USUAL_NOISE)
    others = others + np.log(max(horizon_days / MEASURED_HORIZON_DAYS, 1.0)) / 2
    if portfolio is not None:
        # A calm portfolio makes no young series calmer.
        others = np.maximum(others, (others + np.log(portfolio.error)) / 2)
    own = np.log(np.maximum(error, LEAST_SCALE))
    return np.exp((independent * own + others) / (independent + 1)) + LEAST_SURPRISE


def _luck(values: Floats, known: Truths, horizon_days: int) -> Floats:
    """Relative deviation of the number of days in use, as if each were drawn alone."""
    used = (known & (values > 0)).sum(axis=0) / np.maximum(known.sum(axis=0), 1)
    return LUCK_COUNTS * np.sqrt((1 - used) / np.maximum(used * horizon_days, TINY))


def _noise(days: Floats, known: Truths) -> Floats:
    """Mean absolute difference of neighbouring days, as a logarithm; the usual one for none."""
    if len(days) < 2:
        return np.full(days.shape[1], USUAL_NOISE)
    mean = np.maximum(days.mean(axis=0), TINY)
    logs = np.log(np.maximum(days, LEAST_NEIGHBOUR_SHARE * mean))
    pairs = known[1:] & known[:-1]
    count = pairs.sum(axis=0)
    noise = np.where(pairs, np.abs(np.diff(logs, axis=0)), 0.0).sum(axis=0) / np.maximum(count, 1)
    return np.clip(np.where(count > 0, noise, USUAL_NOISE), LEAST_NOISE, LARGEST_NOISE)
