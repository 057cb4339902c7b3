"""A jump of the level that is still going on, and how much of it is bet on.

Arrays run (days, series), oldest day first, weekdays divided out, no unknown days.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from audit.forecast.cleaning import DEVIATION_PER_MAD, TINY, Floats, Truths
from audit.forecast.levels import LEAST_DAY_SHARE

#: Days a jump may have lasted to be looked for, and the days before it that it is held against.
LONGEST = 21
SHORTEST = 3
REFERENCE_DAYS = 28
LEAST_REFERENCE_DAYS = 14

#: A jump is at least a factor of 1.3, and so many deviations of the days before it.
LEAST_JUMP = float(np.log(1.3))
JUMP_DEVIATIONS = 4.0
LEAST_DEVIATION = 0.05

#: Share of its days that lie beyond half the jump.
AGREEING_SHARE = 0.85

#: Largest jump that is extrapolated, as a logarithm (a factor of 3).
LARGEST_JUMP = 1.1

#: A jump that has lasted so many days is the new level.
SETTLED_DAYS = 7


@dataclass(frozen=True)
class Shifts:
    """``days``: how long the jump has lasted, 0 for none. ``before``: logarithm of the level
    before it. ``jump``: logarithm of new over old level."""

    days: NDArray[np.int64]
    before: Floats
    jump: Floats

    @property
    def is_active(self) -> Truths:
        """A jump is going on."""
        return self.days > 0


def ongoing(raw: Floats, days_known: NDArray[np.int64]) -> Shifts:
    """The longest jump that ends with the last day, per series."""
    days, series = raw.shape
    usual = np.median(raw, axis=0)
    usual = np.where(usual > 0, usual, raw.mean(axis=0))
    logs = np.log(np.maximum(raw, np.maximum(LEAST_DAY_SHARE * usual, TINY))).T
    logs = np.ascontiguousarray(logs)
    lasted = np.zeros(series, dtype=np.int64)
    before, jump = np.zeros(series), np.zeros(series)
    for length in range(SHORTEST, LONGEST + 1):
        start = days - length
        reference = logs[:, max(start - REFERENCE_DAYS, 0) : start]
        if reference.shape[1] < LEAST_REFERENCE_DAYS:
            break
        recent = logs[:, start:]
        old = np.median(reference, axis=1)
        deviation = np.median(np.abs(reference - old[:, None]), axis=1)
        diff = np.median(recent, axis=1) - old
        bound = JUMP_DEVIATIONS * np.maximum(DEVIATION_PER_MAD * deviation, LEAST_DEVIATION)
        beyond = (logs[:, start - 1 :] - old[:, None]) * np.sign(diff)[:, None] > (
            np.abs(diff) / 2
        )[:, None]
        is_jump = (
            (np.abs(diff) > np.maximum(LEAST_JUMP, bound))
            & (beyond[:, 1:].mean(axis=1) >= AGREEING_SHARE)
            & beyond[:, 1]
            & ~beyond[:, 0]
            & (days_known >= length + LEAST_REFERENCE_DAYS)
        )
        lasted = np.where(is_jump, length, lasted)
        before = np.where(is_jump, old, before)
        jump = np.where(is_jump, diff, jump)
    return Shifts(lasted, before, jump)


def persistence(shifts: Shifts) -> Floats:
    """Share of the jump that is expected to last. Measured on real series: rises of one to two
    days keep .2-.3 of themselves over the next 20 days, of three .3-.4, of four .5-.6; falls
    .05-.3; either, after a week, all of it."""
    settled = np.minimum(shifts.days / SETTLED_DAYS, 1.0)
    return np.where(shifts.jump < 0, settled**2, settled)
