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
LEAD_DAYS = (31.0, 91.0, 182.0, 360.0)
PROBABILITIES = (0.025, 0.10, 0.50, 0.90, 0.975)

SHOCKS = np.array(
    [
        [
            [-3.91, -1.87, 0.0, 2.45, 6.74],
            [-6.46, -2.67, 0.0, 3.30, 7.79],
            [-8.43, -2.92, 0.0, 4.13, 10.06],
            [-8.43, -2.92, 0.0, 4.98, 10.06],
        ],
        [
            [-4.06, -2.03, 0.0, 2.75, 6.29],
            [-7.58, -3.23, 0.0, 3.81, 8.61],
            [-8.77, -3.46, 0.0, 4.77, 10.94],
            [-8.77, -3.46, 0.0, 5.58, 12.10],
        ],
        [
            [-5.80, -2.30, 0.0, 2.61, 5.36],
            [-8.86, -3.48, 0.0, 3.62, 7.84],
            [-8.86, -3.73, 0.0, 4.61, 10.90],
            [-8.86, -3.73, 0.0, 6.64, 15.86],
        ],
        [
            [-4.83, -1.97, 0.0, 2.58, 5.40],
            [-7.92, -3.33, 0.0, 3.72, 7.98],
            [-7.92, -3.34, 0.0, 4.68, 11.78],
            [-7.92, -3.34, 0.0, 6.77, 17.17],
        ],
        [
            [-3.88, -1.56, 0.0, 2.48, 5.68],
            [-7.24, -3.09, 0.0, 3.41, 8.18],
            [-7.24, -3.20, 0.0, 4.39, 14.90],
            [-9.17, -3.20, 0.0, 5.28, 18.76],
        ],
    ]
)
SHOCKS_WITH_SEASON = np.array(
    [
        [-3.72, -1.01, 0.0, 1.75, 3.61],
        [-4.50, -1.46, 0.0, 1.82, 3.97],
        [-5.22, -1.48, 0.0, 2.06, 4.37],
        [-6.50, -2.06, 0.0, 2.28, 4.70],
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
