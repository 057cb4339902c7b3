"""Simulated years and exact answers about them, for tests and benchmarks of the annual plan.

The closed forms need no simulation: E(C - U)+ of a normal year is sigma * (z * Phi(z) + phi(z)), of
a lognormal one the price of a put (Black and Scholes 1973).
"""

import math
from statistics import NormalDist

import numpy as np

NORMAL = NormalDist()


def log_deviation(cv):
    """The deviation of log U where U has that coefficient of variation."""
    return math.sqrt(math.log(1 + cv * cv))


def phi(z):
    """Density of the standard normal distribution."""
    return math.exp(-z * z / 2) / math.sqrt(2 * math.pi)


def distribution(z):
    """The standard normal distribution function."""
    return (1 + math.erf(z / math.sqrt(2))) / 2


def normal_shortfall(credit, mean, deviation):
    """E(C - U)+ of a normal year."""
    z = (credit - mean) / deviation
    return deviation * (z * distribution(z) + phi(z))


def lognormal_shortfall(credit, mean, cv):
    """E(C - U)+ of a lognormal year."""
    s = log_deviation(cv)
    low = (math.log(mean / credit) - s * s / 2) / s
    return credit * distribution(-low) - mean * distribution(-low - s)


def lognormal_quantile(share, mean, cv):
    """The usage that a share of the lognormal years stays under."""
    s = log_deviation(cv)
    return mean * math.exp(-s * s / 2 + s * NORMAL.inv_cdf(share))


def even_normals(draws):
    """Standard normal numbers, one for each of ``draws`` equal parts of the distribution."""
    return np.array([NORMAL.inv_cdf((one + 0.5) / draws) for one in range(draws)])


def level(year_usd):
    """Years spent evenly over their months."""
    return np.repeat(np.asarray(year_usd, dtype=float)[:, None] / 12, 12, axis=1)


def lognormal_years(mean, cv, draws=20_000):
    """Level years whose totals are lognormal, without simulation noise."""
    s = log_deviation(cv)
    return level(mean * np.exp(-s * s / 2 + s * even_normals(draws)))


def walking_years(mean, cv, draws=10_000, seed=1):
    """Years of a level that nobody knows, and months that move around it: as forecasts give."""
    rng = np.random.default_rng(seed)
    s = log_deviation(cv)
    start = s * rng.standard_normal((draws, 1))
    steps = s / 6 * rng.standard_normal((draws, 12)).cumsum(axis=1)
    return mean / 12 * np.exp(start + steps - s * s / 2)
