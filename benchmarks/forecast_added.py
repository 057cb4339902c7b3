"""What happens when something is added to calm periods: spikes, steps, dips, growth, idle days,
and when little is known before."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from forecast_windows import (
    HISTORY_DAYS,
    OURS,
    PERIOD_DAYS,
    Windows,
    errors,
    forecasts,
    points,
    ranges,
)

#: History kept before the period, for the young.
SHORT_DAYS = (60, 30, 14, 7, 3)


def young(given: Windows) -> dict:
    """The same windows with less history, 10 days seen."""
    out = {}
    everything = np.ones(len(given), dtype=bool)
    for kept in SHORT_DAYS:
        days = given.days.copy()
        days[:, : HISTORY_DAYS - kept] = np.nan
        less = replace(given, days=days)
        found = forecasts(less, 10)
        out[kept] = points(less, found, everything)
        out[kept][OURS] |= ranges(less.total, found, everything)
    return out


#: Up to these shares of the days before the period without any use.
IDLE_SHARES = (0.02, 0.2, 0.5, 1.0)


def idle(given: Windows) -> dict:
    """By the share of days without use before the period, 10 days seen."""
    past = given.days[:, :HISTORY_DAYS]
    share = (past == 0).sum(axis=1) / np.count_nonzero(~np.isnan(past), axis=1)
    found = forecasts(given, 10)
    out = {}
    least = -1.0
    for most in IDLE_SHARES:
        chosen = (share > least) & (share <= most)
        least = most
        out[most] = {"windows": int(chosen.sum())} | points(given, found, chosen)
        out[most][OURS] |= ranges(given.total, found, chosen)
    return out


@dataclass(frozen=True)
class Times:
    """Days ``first`` to ``last`` times ``factor``; 0 is the last day seen, or with ``of_period``
    the first day of the period."""

    factor: float
    first: int
    last: int
    of_period: bool = False

    def __call__(self, days: np.ndarray, seen: int) -> np.ndarray:
        zero = HISTORY_DAYS + (0 if self.of_period else seen - 1)
        out = days.copy()
        out[:, zero + self.first : zero + self.last + 1] *= self.factor
        return out


@dataclass(frozen=True)
class Grows:
    """All days along, times ``factor`` in ``every_days``."""

    factor: float
    every_days: int

    def __call__(self, days: np.ndarray, _: int) -> np.ndarray:
        away = np.arange(days.shape[1]) - HISTORY_DAYS
        return days * self.factor ** (away / self.every_days)


FAR = PERIOD_DAYS
ADDED: dict[str, Callable[[np.ndarray, int], np.ndarray]] = {
    "nothing": Times(1, 0, 0),
    "10x day, 7 days before the period": Times(10, -7, -7, of_period=True),
    "10x day in the period": Times(10, -5, -5),
    "10x on the last day seen": Times(10, 0, 0),
    "5x for 3 days, over 4 days ago": Times(5, -6, -4),
    "doubles 2 days ago and stays": Times(2, -1, FAR),
    "doubles 3 days ago and stays": Times(2, -2, FAR),
    "doubles 5 days ago and stays": Times(2, -4, FAR),
    "doubles 6 days ago and stays": Times(2, -5, FAR),
    "halves 3 days ago and stays": Times(0.5, -2, FAR),
    "halves 5 days ago and stays": Times(0.5, -4, FAR),
    "halves 7 days ago and stays": Times(0.5, -6, FAR),
    "doubles 10 days before the period": Times(2, -10, FAR, of_period=True),
    "grows 3% a week": Grows(1.03, 7),
    "doubles every 60 days": Grows(2, 60),
    "halves every 60 days": Grows(0.5, 60),
    "dip x0.4, 7 days, before the period": Times(0.4, -7, -1, of_period=True),
    "dip x0.4 on days 2-6 of the period": Times(0.4, 1, 5, of_period=True),
    "one day at zero": Times(0, -5, -5),
}


def calm(given: Windows) -> Windows:
    whole = ~np.isnan(given.days).any(axis=1)
    return given.where(whole & (given.third == 0))


def added(given: Windows, seen: int) -> dict:
    quiet = calm(given)
    everything = np.ones(len(quiet), dtype=bool)
    out = {}
    for name, change in ADDED.items():
        changed = replace(quiet, days=change(quiet.days, seen))
        found = forecasts(changed, seen)
        row = points(changed, found, everything)
        row[OURS] |= ranges(changed.total, found, everything)
        row[OURS]["if_it_stays"] = float(
            np.median(np.abs(errors(changed.total, found["if_it_stays"])))
        )
        row[OURS]["jumped"] = float(100 * found["jumped"].mean())
        out[name] = row
    return {"windows": len(quiet), "rows": out}
