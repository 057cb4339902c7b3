"""How far months have been from their middle forecast, in multiples of the series' own change.

Measured on real daily series, cut to every age (benchmarks/paths.py); the ends are widened a
little for sources that were left out. ``Outlook.scale`` is what they are multiples of.
"""

import numpy as np
from numpy.typing import NDArray

from audit.forecast.cleaning import Floats

#: Change from one block of four weeks to the next, as a logarithm, of a series of which nothing
#: is known.
POOLED_CHANGE = 0.1

#: Ages of series without a season, days to the middle of the month, and probabilities, that the
#: tables are for.
HISTORY_DAYS = (12.0, 30.0, 80.0, 160.0, 320.0)
LEAD_DAYS = (30.0, 90.0, 180.0, 360.0)
PROBABILITIES = (0.025, 0.10, 0.50, 0.90, 0.975)

SHOCKS = np.array(
    [
        [
            [-4.49, -1.99, 0.0, 2.21, 6.02],
            [-6.11, -2.24, 0.0, 2.77, 7.02],
            [-7.24, -2.51, 0.0, 3.51, 9.47],
            [-7.24, -2.51, 0.0, 4.15, 9.47],
        ],
        [
            [-4.96, -2.01, 0.0, 2.36, 5.38],
            [-6.46, -2.45, 0.0, 2.87, 7.14],
            [-7.77, -2.65, 0.0, 3.61, 9.35],
            [-7.77, -2.65, 0.0, 4.40, 10.49],
        ],
        [
            [-7.56, -2.40, 0.0, 2.60, 5.27],
            [-8.52, -3.07, 0.0, 3.13, 6.67],
            [-8.52, -3.16, 0.0, 3.98, 10.15],
            [-8.52, -3.16, 0.0, 5.60, 14.77],
        ],
        [
            [-6.06, -2.23, 0.0, 2.71, 5.68],
            [-7.62, -2.82, 0.0, 3.23, 7.04],
            [-7.62, -2.86, 0.0, 4.19, 10.13],
            [-7.62, -2.86, 0.0, 6.26, 15.14],
        ],
        [
            [-5.86, -2.08, 0.0, 2.56, 4.73],
            [-6.25, -2.40, 0.0, 3.07, 6.68],
            [-6.25, -2.40, 0.0, 3.85, 11.25],
            [-6.36, -2.40, 0.0, 4.37, 15.55],
        ],
    ]
)
SHOCKS_WITH_SEASON = np.array(
    [
        [-2.59, -1.19, 0.0, 1.61, 3.00],
        [-2.81, -1.22, 0.0, 1.67, 3.00],
        [-2.93, -1.22, 0.0, 1.84, 3.72],
        [-5.43, -1.28, 0.0, 2.18, 3.76],
    ]
)

#: Nothing is known about what is rarer than this on either side.
RAREST = 0.01


def quantiles(lead_days: float, history_days: float, *, season: bool) -> tuple[Floats, Floats]:
    """Shocks of a month, and the log-odds of the chances they belong to; straight in between,
    flat beyond 1% and 99%: a month is its middle forecast times exp(shock x scale)."""
    of_age = SHOCKS_WITH_SEASON if season else _between(history_days, HISTORY_DAYS, SHOCKS)
    row = _between(lead_days, LEAD_DAYS, of_age)
    chance = np.array(PROBABILITIES)
    odds = np.log(chance / (1 - chance))
    end = float(np.log((1 - RAREST) / RAREST))
    low = row[0] - (end + odds[0]) * (row[1] - row[0]) / (odds[1] - odds[0])
    high = row[-1] + (end - odds[-1]) * (row[-1] - row[-2]) / (odds[-1] - odds[-2])
    return np.array([-end, *odds, end]), np.array([low, *row, high])


def _between(at: float, knots: tuple[float, ...], values: NDArray[np.float64]) -> Floats:
    """Between two tables, by the logarithm of ``at``; the nearest one outside."""
    logs = np.log(knots)
    place = float(np.log(max(at, knots[0])))
    k = int(np.clip(np.searchsorted(logs, place) - 1, 0, len(knots) - 2))
    weight = float(np.clip((place - logs[k]) / (logs[k + 1] - logs[k]), 0.0, 1.0))
    return np.asarray((1 - weight) * values[k] + weight * values[k + 1])
