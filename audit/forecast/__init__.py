"""Forecasts of usage: the rest of a billing period from its days so far, with intervals."""

from audit.forecast.run_rate import Expected, to_period_end

__all__ = ["Expected", "to_period_end"]
