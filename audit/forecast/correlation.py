"""How closely the meters of one account move together, from their daily residuals."""

import numpy as np
import numpy.typing as npt

from audit.forecast.draws import normal_quantile

FloatArray = npt.NDArray[np.float64]

#: Correlation of two meters of which nothing is known.
POOLED = 0.3
#: Days of residuals the pooled correlation weighs as much as.
POOLED_DAYS = 28.0
#: Days that residuals are taken from.
WINDOW_DAYS = 180
#: Two series this close are one and the same.
_SAME = 1 - 1e-9


def between_series(residuals: FloatArray) -> FloatArray:
    """Correlation matrix of series from ``residuals`` (series x days, NaN unknown).

    Normal scores of the residuals are correlated pair by pair and drawn towards ``POOLED`` on
    Fisher's scale, by the days both know. A pair does not depend on other series.
    """
    scores = _scores(residuals[:, -WINDOW_DAYS:])
    known = np.isfinite(scores)
    filled = np.where(known, scores, 0.0)
    both = known.astype(np.float64) @ known.T
    square = (filled**2) @ known.T
    product = filled @ filled.T
    size = np.sqrt(square * square.T)
    own = np.divide(product, size, out=np.zeros_like(size), where=size > 0)
    same = own >= _SAME
    own = np.clip(own, -0.999, 0.999)
    weight = np.where(size > 0, both, 0.0)
    fisher = (weight * np.arctanh(own) + POOLED_DAYS * np.arctanh(POOLED)) / (weight + POOLED_DAYS)
    shrunk = np.where(same, 1.0, np.tanh(fisher))
    np.fill_diagonal(shrunk, 1.0)
    return shrunk


def _scores(residuals: FloatArray) -> FloatArray:
    """Normal scores by series; tied days get one score, constant series none."""
    out = np.full(residuals.shape, np.nan)
    for k, row in enumerate(residuals):
        known = np.isfinite(row)
        values, inverse, counts = np.unique(row[known], return_inverse=True, return_counts=True)
        if len(values) > 1:
            middle = np.cumsum(counts) - counts / 2
            out[k, known] = normal_quantile(middle / counts.sum())[inverse]
            out[k] -= np.nanmean(out[k])
    return out
