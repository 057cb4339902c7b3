"""Forecasts of usage: the rest of a billing period from its days so far, with intervals."""

from audit.forecast.run_rate import Expected, to_period_end
from audit.forecast.totals import period_totals

__all__ = ["Expected", "period_totals", "to_period_end"]
