"""How closely the meters of one account move together, from their daily residuals."""

import numpy as np

from audit.forecast.cleaning import LEAST_FACTOR, WEEK, Floats
from audit.forecast.draws import normal_quantile

#: Correlation of the forecast errors of two meters of which nothing is known, and how much of it
#: their daily residuals can change. Measured on series of one source: errors of months
#: correlate by about 0.4 where days do not, by 0.65 where days correlate by 0.9.
POOLED = 0.5
OWN_WEIGHT = 0.3

#: Days that residuals are taken from, and known pairs at which they count half of that.
WINDOW_DAYS = 180
HALF_WEIGHT_DAYS = 28.0

#: Days that a residual is held against, and the share of the mean added before logarithms.
TRAILING_DAYS = 28
OFFSET_SHARE = 0.1

#: Series this close are one and the same.
SAME = 1 - 1e-9


def residuals(values: Floats, factors: Floats, last_weekday: int) -> Floats:
    """Logarithm of each day against the four weeks before it: series x days, NaN unknown."""
    recent = values[:, -(WINDOW_DAYS + TRAILING_DAYS) :]
    weekday = (last_weekday - np.arange(recent.shape[1])[::-1]) % WEEK
    usual = recent / np.maximum(factors, LEAST_FACTOR)[:, weekday]
    known = np.isfinite(usual)
    count = np.maximum(known.sum(axis=1, keepdims=True), 1)
    mean = np.where(known, usual, 0.0).sum(axis=1, keepdims=True) / count
    logs = np.log(np.where(known, usual, 0.0) + np.where(mean > 0, OFFSET_SHARE * mean, 1.0))
    sums = _sums(np.where(known, logs, 0.0))
    counts = _sums(known.astype(np.float64))
    end = np.arange(recent.shape[1])
    start = np.maximum(end - TRAILING_DAYS, 0)
    before = counts[:, end] - counts[:, start]
    trailing = (sums[:, end] - sums[:, start]) / np.maximum(before, 1)
    out = np.where(known & (before >= WEEK), logs - trailing, np.nan)
    return np.asarray(out[:, -WINDOW_DAYS:])


def between_series(days: Floats) -> Floats:
    """Correlation matrix of the series' chances from residuals (series x days, NaN unknown).

    Normal scores are correlated pair by pair, and ``POOLED`` is moved towards that on Fisher's
    scale. A pair does not depend on other series; a copy of a series has correlation 1 with it.
    """
    scores = _scores(days)
    known = np.isfinite(scores)
    filled = np.where(known, scores, 0.0)
    seen = known.astype(np.float64)
    square = (filled**2) @ seen.T
    size = np.sqrt(square * square.T)
    own = np.divide(filled @ filled.T, size, out=np.zeros_like(size), where=size > 0)
    pairs = np.where(size > 0, seen @ seen.T, 0.0)
    weight = OWN_WEIGHT * pairs / (pairs + HALF_WEIGHT_DAYS)
    moved = (1 - weight) * np.arctanh(POOLED) + weight * np.arctanh(np.clip(own, -0.999, 0.999))
    found = np.where(own >= SAME, 1.0, np.tanh(moved))
    np.fill_diagonal(found, 1.0)
    return found


def _scores(days: Floats) -> Floats:
    """Normal scores by series; equal days get one score, constant series none."""
    out = np.full(days.shape, np.nan)
    for k, row in enumerate(days):
        known = np.isfinite(row)
        values, inverse, counts = np.unique(row[known], return_inverse=True, return_counts=True)
        if len(values) > 1:
            middle = np.cumsum(counts) - counts / 2
            out[k, known] = normal_quantile(middle / counts.sum())[inverse]
    return out


def _sums(values: Floats) -> Floats:
    return np.concatenate([np.zeros((len(values), 1)), np.cumsum(values, axis=1)], axis=1)
