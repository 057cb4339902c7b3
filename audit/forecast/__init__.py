"""Forecasts of usage: totals of a billing period with ranges, and simulated paths of a year."""

from audit.forecast.paths import Paths, simulate
from audit.forecast.totals import period_totals

__all__ = ["Paths", "period_totals", "simulate"]
