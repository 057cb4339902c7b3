"""Draws shared by all series of an account: one draw is one world.

Every series gets in every period each of the ``draws`` equally likely levels of chance exactly
once; which draw gets which is decided by correlated noise. So quantiles and means of one series
hardly depend on the seed, and a draw that is high in one meter or month tends to be high in
related ones.
"""

from functools import cache

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]

#: Levels the noise takes before it is ranked: 16 random bits each.
_LEVELS = 1 << 16


def ranks(draws: int, seed: int, across: FloatArray, along: FloatArray) -> IntArray:
    """The place of every draw among the draws, from 0: series x periods x draws.

    ``across``: correlation of the noise between series (series x series, a correlation matrix or
    nearly one); ``along``: of each series between periods (series x periods x periods). The
    places of the first k series do not depend on how many follow. The noise has heavy common
    tails (a Cauchy copula): a world that is extreme is so in many months and meters. The bits
    are those of PCG64, whose stream NumPy keeps.
    """
    count, periods = along.shape[:2]
    factor = lower_factor(across)
    wildness = 1 / np.abs(_normals(seed, 0, 1, draws)[0])
    noise = np.empty((count, periods, draws))
    places = np.empty(noise.shape, dtype=np.int64)
    for k in range(count):
        noise[k] = _normals(seed, 1 + k, periods, draws) * wildness
        mixed = factor[k, : k + 1] @ noise[: k + 1].reshape(k + 1, -1)
        places[k] = _places(lower_factor(along[k]) @ mixed.reshape(periods, draws))
    return places


def _places(noise: FloatArray) -> IntArray:
    """The rank of every value in its row; of equal ones the first comes first.

    Sorted as whole numbers whose last bits are the column: faster than sorting columns.
    """
    draws = noise.shape[-1]
    mask = (1 << max(draws - 1, 1).bit_length()) - 1
    bits = (noise + 0.0).view(np.int64)
    bits ^= (bits >> 63) & np.int64(0x7FFF_FFFF_FFFF_FFFF)
    keys = np.sort((bits & ~np.int64(mask)) | np.arange(draws), axis=-1)
    places = np.empty(noise.shape, dtype=np.int64)
    order = np.broadcast_to(np.arange(draws), noise.shape)
    np.put_along_axis(places, keys & mask, order, axis=-1)
    return places


def levels(draws: int) -> FloatArray:
    """The level of chance at each place: the middles of equal slices of (0, 1)."""
    return (np.arange(draws) + 0.5) / draws


def lower_factor(correlation: FloatArray) -> FloatArray:
    """The lower triangular square root, row by row: a row depends on those above it alone.

    A row that asks for more than is left (an estimate that is no correlation matrix) is drawn
    towards independence until it fits. Identical rows stay identical.
    """
    size = len(correlation)
    factor = np.zeros((size, size))
    for k in range(size):
        for other in range(k):
            pivot = factor[other, other]
            gap = correlation[k, other] - factor[k, :other] @ factor[other, :other]
            factor[k, other] = gap / pivot if pivot > 1e-6 else 0.0
        used = float(factor[k] @ factor[k])
        if used > 1:
            factor[k] /= np.sqrt(used)
            used = 1.0
        factor[k, k] = np.sqrt(max(1 - used, 0.0)) if used < 1 - 1e-12 else 0.0
    return factor


def _normals(seed: int, series: int, periods: int, draws: int) -> FloatArray:
    """Standard normal noise of one series: periods x draws."""
    bits = np.random.PCG64(np.random.SeedSequence([seed, series]))
    words = (periods * draws + 3) // 4
    raw = np.atleast_1d(bits.random_raw(words)).astype("<u8").view("<u2")
    return _table()[raw[: periods * draws]].reshape(periods, draws)


@cache
def _table() -> FloatArray:
    return normal_quantile((np.arange(_LEVELS) + 0.5) / _LEVELS)


def normal_quantile(probability: FloatArray) -> FloatArray:
    """Quantiles of the standard normal distribution, to 1e-8, for probabilities in (0, 1).

    Source: P. J. Acklam's rational approximation, without its refining step.
    """
    p = np.asarray(probability, dtype=np.float64)
    near = np.minimum(p, 1 - p)
    tail = np.sqrt(-2 * np.log(near))
    outer = _ratio(tail, _TAIL_OVER, _TAIL_UNDER)
    offset = near - 0.5
    inner = offset * _ratio(offset * offset, _MIDDLE_OVER, _MIDDLE_UNDER)
    lower = np.where(near < 0.02425, outer, inner)
    return np.where(p < 0.5, lower, -lower)


def _ratio(x: FloatArray, over: tuple[float, ...], under: tuple[float, ...]) -> FloatArray:
    return np.asarray(np.polyval(over, x) / np.polyval(under, x))


_MIDDLE_OVER = (
    -3.969683028665376e01,
    2.209460984245205e02,
    -2.759285104469687e02,
    1.383577518672690e02,
    -3.066479806614716e01,
    2.506628277459239e00,
)
_MIDDLE_UNDER = (
    -5.447609879822406e01,
    1.615858368580409e02,
    -1.556989798598866e02,
    6.680131188771972e01,
    -1.328068155288572e01,
    1.0,
)
_TAIL_OVER = (
    -7.784894002430293e-03,
    -3.223964580411365e-01,
    -2.400758277161838e00,
    -2.549732539343734e00,
    4.374664141464968e00,
    2.938163982698783e00,
)
_TAIL_UNDER = (
    7.784695709041462e-03,
    3.224671290700398e-01,
    2.445134137142996e00,
    3.754408661907416e00,
    1.0,
)
