"""Which method an account's own past speaks for: the forecast, unless a simple one is better.

The bar is high on purpose: on real series a forecast that lost on the past periods wins the next
one about as often as not. Replacing each that lost, or lost by a tenth, changes many for nothing;
docs/backtest.md has the measured table.
"""

from dataclasses import dataclass

import numpy as np

from audit.forecast.backtest import METHODS, OURS, Backtest
from audit.forecast.baselines import BASELINES
from audit.forecast.cleaning import Floats

#: Fewer past periods than these speak for nothing.
LEAST_PERIODS = 4

#: A forecast is replaced when its error is more than this above the simple one's ...
WORSE_PERCENT = 50.0

#: ... and the difference is so many times its standard error.
STANDARD_ERRORS = 2.0

#: Periods overlap by half: two of them say as much as one.
OVERLAP = 2.0

#: Errors closer than this share of the mean total are the same.
SAME = 1e-9


#: Methods in words that fit into a sentence.
BY_NAME = {
    OURS: "the forecast",
    "run_rate": "the run rate",
    "last_period": "the last period",
    "last_week": "the last week",
    "seasonal_naive": "the same weekday of the last week",
}


@dataclass(frozen=True)
class Choice:
    """method: "forecast", or the name of the baseline that replaces it. words: why, for people.
    periods: past periods it was judged on. error_percent: of the chosen method on them,
    forecast_error_percent: of the forecast; mean absolute error over the mean total, all moments
    pooled, None where there is none."""

    method: str
    words: str
    periods: int
    error_percent: float | None
    forecast_error_percent: float | None

    @property
    def is_replaced(self) -> bool:
        return self.method != OURS


def choices(
    found: Backtest,
    *,
    worse_percent: float = WORSE_PERCENT,
    standard_errors: float = STANDARD_ERRORS,
) -> tuple[Choice, ...]:
    """One choice per series of a backtest."""
    return tuple(
        _choice(found, series, worse_percent, standard_errors) for series in range(found.series)
    )


def _choice(found: Backtest, series: int, worse_percent: float, standard_errors: float) -> Choice:
    if found.reason:
        return Choice(OURS, found.reason, 0, None, None)
    actual = found.actual[:, series]
    judged = ~np.isnan(actual)
    periods = int(judged.sum())
    if periods == 0:
        return Choice(OURS, "No past period of it is known whole.", 0, None, None)
    if not (actual[judged] > 0).any():
        words = f"No usage in {_periods(periods)}: there is nothing to judge."
        return Choice(OURS, words, periods, None, None)
    errors = {
        name: np.abs(found.totals[name][:, judged, series] - actual[judged]).mean(axis=0)
        / actual[judged].mean()
        for name in METHODS
    }
    ours = errors[OURS]
    own = float(100 * ours.mean())
    if periods < LEAST_PERIODS:
        words = (
            f"Judged on {_periods(periods)}, off by {own:.1f}%; a forecast is not replaced on "
            f"fewer than {LEAST_PERIODS}."
        )
        return Choice(OURS, words, periods, own, own)
    candidates = {name: errors[name] for name in BASELINES if not np.isnan(errors[name]).any()}
    best = min(candidates, key=lambda name: (float(candidates[name].mean()), name), default=OURS)
    other = errors[best]
    least = float(100 * other.mean())
    if not _loses(ours, other, worse_percent, standard_errors):
        words = f"Off by {own:.1f}% over {_periods(periods)}"
        if best != OURS:
            words += f"; {BY_NAME[best]}, the best simple one, by {least:.1f}%"
            words += ", which may be chance" if least < own - SAME else ""
        return Choice(OURS, f"{words}.", periods, own, own)
    words = (
        f"Replaced by {BY_NAME[best]}: on {_periods(periods)} of this account it was off by "
        f"{least:.1f}%, the forecast by {own:.1f}%."
    )
    return Choice(best, words, periods, least, own)


def _loses(ours: Floats, other: Floats, worse_percent: float, standard_errors: float) -> bool:
    """By period: errors of the forecast and of the simple method."""
    if ours.mean() <= other.mean() * (1 + worse_percent / 100) + SAME:
        return False
    apart = ours - other
    standard_error = apart.std(ddof=1) / np.sqrt(len(apart) / OVERLAP)
    return bool(apart.mean() > standard_errors * standard_error)


def _periods(count: int) -> str:
    return "1 past period" if count == 1 else f"{count} past periods"
