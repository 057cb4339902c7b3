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
            [-4.87, -2.25, 0.0, 2.49, 6.81],
            [-6.41, -2.65, 0.0, 3.39, 7.93],
            [-7.58, -2.95, 0.0, 4.22, 10.12],
            [-7.58, -2.95, 0.0, 5.02, 10.12],
        ],
        [
            [-5.58, -2.35, 0.0, 2.84, 6.78],
            [-6.95, -2.88, 0.0, 3.58, 8.14],
            [-8.29, -3.07, 0.0, 4.52, 10.54],
            [-8.29, -3.07, 0.0, 5.31, 11.26],
        ],
        [
            [-7.68, -2.78, 0.0, 2.97, 6.07],
            [-8.79, -3.43, 0.0, 3.60, 7.63],
            [-8.79, -3.63, 0.0, 4.50, 10.70],
            [-8.79, -3.63, 0.0, 6.15, 15.19],
        ],
        [
            [-6.46, -2.58, 0.0, 3.17, 6.16],
            [-7.67, -3.26, 0.0, 3.67, 7.63],
            [-7.67, -3.33, 0.0, 4.59, 11.18],
            [-7.67, -3.33, 0.0, 6.73, 15.39],
        ],
        [
            [-6.18, -2.60, 0.0, 2.85, 6.03],
            [-6.69, -3.11, 0.0, 3.47, 7.98],
            [-6.69, -3.11, 0.0, 4.37, 13.86],
            [-6.81, -3.11, 0.0, 5.05, 16.80],
        ],
    ]
)
SHOCKS_WITH_SEASON = np.array(
    [
        [-3.73, -1.39, 0.0, 1.86, 3.70],
        [-3.97, -1.56, 0.0, 2.05, 3.70],
        [-4.51, -1.64, 0.0, 2.10, 4.12],
        [-6.15, -2.17, 0.0, 2.37, 4.66],
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
