"""The level of the coming days: a few memories of the past, weighed by their own record.

Arrays run (days, series), oldest day first, weekdays already divided out.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from audit.forecast.cleaning import TINY, Floats, Truths

#: Days after which a day counts half, one memory each.
HALF_LIVES = (1.0, 2.0, 4.0, 7.0, 14.0, 28.0, 56.0)
WEEK_MEMORY = HALF_LIVES.index(7.0)

#: Mean age in days of what a memory of half-life 7 remembers.
WEEK_MEMORY_AGE = 9.6

#: The trends: days each is fitted over, fewest of them, days ahead after which they end, and
#: their bounds per day.
TREND_DAYS = (42, 84)
LEAST_TREND_DAYS = 21
LONGEST_TREND_DAYS = 30
STEEPEST_TREND = 0.03

#: Days below this share of a usual day count as this share where logarithms are taken.
LEAST_DAY_SHARE = 0.02

#: A candidate's mean error counts this much more before it is compared.
HANDICAPS = (1.02, 1.02, 1.02, 1.00, 1.02, 1.02, 1.02, 1.03, 1.03)

#: How the candidates' errors compare on real series, and for how many horizons of record this
#: stands.
USUAL_ERRORS = (1.33, 1.19, 1.08, 1.00, 1.00, 1.08, 1.15, 1.35, 1.20)
USUAL_COUNTS = 1.0
LEAST_ERROR = 1e-6

#: Candidates that single happenings may be remembered by; the others are too short for them.
LONG_ENOUGH = (False, False, False, False, True, True, True, False, False)
UNFIT = 100.0

#: How sharply weight falls off with error, and the cap of one day's error (logarithms).
SHARPNESS = 6.0
LARGEST_ERROR = 1.0
LARGEST_RESIDUAL = 1.5

#: Days seen before the first origin of the record, and residuals before it says anything.
DAYS_BEFORE_RECORD = 14
LEAST_RESIDUALS = 5


@dataclass(frozen=True)
class Levels:
    """``level``: units per ordinary day, (series,). ``error``: mean absolute logarithmic error
    of the blend over its own past. ``origins``: past days that error is a mean of."""

    level: Floats
    error: Floats
    origins: NDArray[np.int64]


def blended(
    raw: Floats,
    clean: Floats,
    known: Truths,
    often_empty: Truths,
    horizon_days: int,
    open_share: Floats | float = 1.0,
) -> Levels:
    """The level over the coming ``horizon_days``, each candidate weighed by how well it did
    from every past day on. ``raw`` and ``clean`` have no unknown days; ``known`` says which
    were seen, of the ``open_share`` of days that can be."""
    days = raw.shape[0]
    usual = np.median(clean, axis=0)
    usual = np.where(usual > 0, usual, clean.mean(axis=0))
    least = np.maximum(LEAST_DAY_SHARE * usual, TINY)
    candidates = np.log(np.maximum(_candidates(clean, known, least, horizon_days), least / 20))
    last = candidates[:, -1]

    first_origin = DAYS_BEFORE_RECORD - 1
    past = slice(first_origin, days - horizon_days)
    if past.stop <= past.start:
        nothing = np.zeros(raw.shape[1])
        weights = _weights(np.ones((len(HANDICAPS), raw.shape[1])), nothing, often_empty)
        return Levels(np.exp((weights * last).sum(axis=0)), nothing, nothing.astype(np.int64))
    truth, enough = _means_ahead(raw, known, horizon_days, open_share)
    seen = np.cumsum(known, axis=0)
    counts = enough[past] & (seen[past] >= DAYS_BEFORE_RECORD * open_share)
    truth = np.log(np.maximum(truth[past], least / 20))
    errors = truth[None] - candidates[:, past]
    origins = counts.sum(axis=0)
    mean = (np.minimum(np.abs(errors), LARGEST_ERROR) * counts).sum(axis=1)
    mean = np.where(origins > 0, mean / np.maximum(origins, 1), 1.0)
    weights = _weights(mean, origins / horizon_days, often_empty)
    residuals = np.abs(np.einsum("cts,cs->ts", errors, weights))
    own = (np.minimum(residuals, LARGEST_RESIDUAL) * counts).sum(axis=0) / np.maximum(origins, 1)
    return Levels(np.exp((weights * last).sum(axis=0)), own, origins)


def _weights(errors: Floats, independent: Floats, often_empty: Truths) -> Floats:
    """``independent``: how often the horizon fits into the record. A short record is drawn to
    what is usual."""
    logs = np.log(np.maximum(errors, LEAST_ERROR))
    usual = np.log(np.array(USUAL_ERRORS))[:, None]
    usual = usual + (logs - usual).mean(axis=0)
    errors = np.exp((independent * logs + USUAL_COUNTS * usual) / (independent + USUAL_COUNTS))
    handicaps = np.array(HANDICAPS)[:, None] * np.where(
        often_empty & ~np.array(LONG_ENOUGH)[:, None], UNFIT, 1.0
    )
    judged = errors * handicaps
    best = judged.min(axis=0)
    weights = np.exp(-SHARPNESS * (judged / best - 1))
    return weights / weights.sum(axis=0)


def _means_ahead(
    raw: Floats, known: Truths, horizon_days: int, open_share: Floats | float = 1.0
) -> tuple[Floats, Truths]:
    """Mean of the known days among the ``horizon_days`` after each day, and whether at least
    half of those that can be are known. (days - horizon, series)."""
    zero = np.zeros((1, raw.shape[1]))
    total = np.concatenate([zero, np.cumsum(np.where(known, raw, 0.0), axis=0)])
    count = np.concatenate([zero, np.cumsum(known, axis=0)])
    start, end = slice(1, raw.shape[0] - horizon_days + 1), slice(1 + horizon_days, None)
    units, seen = total[end] - total[start], count[end] - count[start]
    return np.maximum(units, 0.0) / np.maximum(seen, 1), seen * 2 >= horizon_days * open_share


def _candidates(clean: Floats, known: Truths, least: Floats, horizon_days: int) -> Floats:
    """Every candidate at every day, (candidates, days, series)."""
    days, series = clean.shape
    keep = np.exp2(-1 / np.array(HALF_LIVES))[:, None]
    inflow = np.concatenate([np.where(known, clean, 0.0), known.astype(np.float64)], axis=1)
    sums = np.empty((days, len(HALF_LIVES), 2 * series))
    state = np.zeros((len(HALF_LIVES), 2 * series))
    for day in range(days):
        state *= keep
        state += inflow[day]
        sums[day] = state
    memories = sums[:, :, :series] / np.maximum(sums[:, :, series:], TINY)
    out = np.empty((len(HANDICAPS), days, series))
    out[: len(HALF_LIVES)] = memories.transpose(1, 0, 2)
    ahead = WEEK_MEMORY_AGE + (min(horizon_days, LONGEST_TREND_DAYS) + 1) / 2
    slopes = _slopes(np.log(np.maximum(clean, least)), known)
    out[len(HALF_LIVES) :] = out[WEEK_MEMORY] * np.exp(slopes * ahead)
    return out


def _slopes(logs: Floats, known: Truths) -> Floats:
    """Least-squares slope per day over each of ``TREND_DAYS``, at every day; 0 where too few."""
    days = logs.shape[0]
    at = (np.arange(days) - (days - 1) / 2)[:, None]
    weight = known.astype(np.float64)
    parts = (weight, weight * at, weight * at**2, weight * logs, weight * at * logs)
    running = np.cumsum(np.stack(parts), axis=1)
    slopes = np.zeros((len(TREND_DAYS), *logs.shape))
    for place, span in enumerate(TREND_DAYS):
        sums = running.copy()
        sums[:, span:] -= running[:, :-span]
        count, x, xx, y, xy = sums
        spread = count * xx - x**2
        enough = (count >= LEAST_TREND_DAYS) & (spread > 0)
        slopes[place] = np.where(enough, (count * xy - x * y) / np.where(enough, spread, 1.0), 0.0)
    return np.clip(slopes, -STEEPEST_TREND, STEEPEST_TREND)
