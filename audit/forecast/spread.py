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
            [-8.99, -3.18, 0.0, 5.05, 12.14],
            [-10.76, -3.80, 0.0, 5.89, 13.75],
            [-11.62, -4.42, 0.0, 7.58, 16.02],
            [-10.23, -3.24, 0.0, 8.47, 16.54],
        ],
        [
            [-7.71, -2.74, 0.0, 3.39, 8.61],
            [-9.36, -3.32, 0.0, 4.26, 11.02],
            [-10.49, -3.93, 0.0, 5.95, 13.49],
            [-8.22, -2.63, 0.0, 6.64, 14.38],
        ],
        [
            [-7.12, -2.39, 0.0, 2.67, 5.81],
            [-8.62, -3.04, 0.0, 3.36, 7.60],
            [-8.94, -3.27, 0.0, 4.09, 10.24],
            [-5.41, -1.84, 0.0, 4.53, 14.76],
        ],
        [
            [-5.93, -2.29, 0.0, 2.37, 5.10],
            [-6.75, -2.83, 0.0, 2.90, 6.99],
            [-6.60, -2.98, 0.0, 3.68, 10.02],
            [-5.02, -1.72, 0.0, 4.27, 13.58],
        ],
        [
            [-6.74, -2.73, 0.0, 2.26, 5.35],
            [-5.70, -2.59, 0.0, 2.97, 7.12],
            [-5.55, -2.72, 0.0, 3.68, 12.24],
            [-4.89, -1.72, 0.0, 3.66, 13.58],
        ],
    ]
)
SHOCKS_WITH_SEASON = np.array(
    [
        [-3.57, -1.38, 0.0, 1.41, 3.67],
        [-4.19, -1.63, 0.0, 1.60, 4.71],
        [-5.22, -1.91, 0.0, 1.81, 5.35],
        [-8.05, -2.06, 0.0, 1.89, 5.14],
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
