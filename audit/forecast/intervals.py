"""How far the coming days have been from their forecast, in multiples of its typical error.

One table for all series: quantiles of log(rest / expected rest) / scale, where the rest is what
is used between now and the end of a period of 30 days. Measured on real daily series.
"""

import numpy as np
from numpy.typing import ArrayLike

from audit.forecast.cleaning import Floats

#: Days of the period that were seen, and probabilities, that the table is for.
ELAPSED_DAYS = (5.0, 10.0, 15.0, 20.0, 25.0)
PROBABILITIES = (0.025, 0.10, 0.50, 0.90, 0.975)
SHOCKS = (
    (-3.10, -1.44, 0.24, 1.97, 3.45),
    (-2.95, -1.50, 0.20, 1.85, 3.20),
    (-3.10, -1.45, 0.16, 1.78, 3.20),
    (-3.20, -1.50, 0.08, 1.68, 3.10),
    (-2.70, -1.26, 0.22, 1.73, 3.40),
)

#: Nothing is known about what is rarer than this on either side.
RAREST = 0.002


def z(probability: float, elapsed_days: float) -> float:
    """One quantile of the shocks: ``shock`` for a single probability."""
    return float(shock(np.array([probability]), elapsed_days)[0])


def shock(u: ArrayLike, elapsed_days: float) -> Floats:
    """Shocks at the probabilities ``u``, each in (0, 1): the rest of the period is the expected
    rest times exp(shock x scale). Rises with ``u``; flat beyond 0.2% and 99.8%.

    Between and beyond the measured quantiles it is straight in the log-odds of ``u``.
    """
    place = np.clip(np.asarray(u, dtype=np.float64), RAREST, 1 - RAREST)
    odds = np.log(place / (1 - place))
    knots, table = _row(elapsed_days)
    found = np.interp(odds, knots, table)
    low = table[0] + (odds - knots[0]) * (table[1] - table[0]) / (knots[1] - knots[0])
    high = table[-1] + (odds - knots[-1]) * (table[-1] - table[-2]) / (knots[-1] - knots[-2])
    return np.where(odds < knots[0], low, np.where(odds > knots[-1], high, found))


def _row(elapsed_days: float) -> tuple[Floats, Floats]:
    probabilities = np.array(PROBABILITIES)
    table = np.array(SHOCKS)
    row = np.array(
        [np.interp(elapsed_days, ELAPSED_DAYS, table[:, i]) for i in range(table.shape[1])]
    )
    return np.log(probabilities / (1 - probabilities)), row
