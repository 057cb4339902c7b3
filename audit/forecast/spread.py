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
            [-5.60, -2.46, 0.0, 2.99, 7.17],
            [-7.40, -3.07, 0.0, 3.94, 8.27],
            [-8.08, -3.46, 0.0, 4.90, 8.51],
            [-7.86, -2.38, 0.0, 5.63, 9.18],
        ],
        [
            [-7.42, -3.07, 0.0, 4.10, 9.94],
            [-9.22, -3.76, 0.0, 5.18, 12.46],
            [-10.97, -4.10, 0.0, 6.63, 13.14],
            [-9.48, -2.75, 0.0, 8.34, 14.58],
        ],
        [
            [-7.93, -2.53, 0.0, 2.74, 5.47],
            [-8.85, -3.25, 0.0, 3.37, 7.28],
            [-8.57, -3.38, 0.0, 4.33, 10.52],
            [-6.25, -2.01, 0.0, 6.15, 15.74],
        ],
        [
            [-6.94, -2.36, 0.0, 2.64, 5.33],
            [-7.65, -3.02, 0.0, 3.12, 7.03],
            [-6.69, -3.01, 0.0, 4.13, 10.05],
            [-5.67, -1.97, 0.0, 6.02, 15.07],
        ],
        [
            [-6.04, -2.27, 0.0, 2.67, 4.97],
            [-6.63, -2.68, 0.0, 3.12, 6.90],
            [-5.83, -2.65, 0.0, 3.99, 11.26],
            [-6.29, -1.91, 0.0, 4.12, 12.98],
        ],
    ]
)
SHOCKS_WITH_SEASON = np.array(
    [
        [-3.43, -1.45, 0.0, 1.54, 3.47],
        [-3.90, -1.63, 0.0, 1.65, 3.96],
        [-5.34, -1.77, 0.0, 1.93, 5.76],
        [-9.09, -2.12, 0.0, 2.14, 4.65],
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
