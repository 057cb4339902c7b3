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
REFERENCE_DAYS = 28
LEAST_REFERENCE_DAYS = 21

#: A jump that lasted so many days is at least so large (as a logarithm) and so many deviations of
#: the days before it. A day or two must be further off; many days that agree say more than few.
LEAST_JUMP = {1: float(np.log(1.6)), 2: float(np.log(1.4)), 3: float(np.log(1.3))}
JUMP_DEVIATIONS = {1: 5.0, 2: 4.5, 3: 3.5, 4: 3.25, 5: 3.0}
LEAST_DEVIATION = 0.05

#: A day or two far off is nothing new where days before were, at least so many.
USUAL_EXCURSIONS = 3

#: Share of its days that lie beyond half the jump.
AGREEING_SHARE = 0.85

#: Largest jump that is extrapolated, as a logarithm (a factor of 3).
LARGEST_JUMP = 1.1

#: A jump that has lasted so many days is the new level. A fall to nothing takes longer: use has
#: ended after so many empty days, and so many times the longest break before them.
SETTLED_DAYS = 7
ENDED_DAYS = 14
ENDED_BREAKS = 3

#: Share of a jump that is expected to last, by the days it has lasted. ``STEADY``: its days are
#: spread like those before it, which holidays and passing attention seldom are.
DAYS_LASTED = (0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0)
STEADY_RISE = (0.0, 0.0, 0.25, 0.50, 0.70, 0.86, 0.95, 1.0)
STEADY_FALL = (0.0, 0.0, 0.0, 0.30, 0.50, 0.75, 0.88, 1.0)
OTHER_RISE = (0.0, 0.0, 0.0, 3 / 7, 4 / 7, 5 / 7, 6 / 7, 1.0)
OTHER_FALL = (0.0, 0.0, 0.0, 9 / 49, 16 / 49, 25 / 49, 36 / 49, 1.0)
STEADY_DEVIATIONS = 2.5
STEADY_SHARE = 0.12


@dataclass(frozen=True)
class Shifts:
    """``days``: how long the jump has lasted, 0 for none. ``jump``: logarithm of new over old
    level. ``lasting``: the part of it that is expected to last, a logarithm too. ``is_empty``:
    its days are without any use. ``has_ended``: use has ended for good."""

    days: NDArray[np.int64]
    jump: Floats
    lasting: Floats
    is_empty: Truths
    has_ended: Truths

    @property
    def is_active(self) -> Truths:
        """A jump is going on."""
        return self.days > 0

    @property
    def is_open(self) -> Truths:
        """Nobody can tell yet whether it lasts."""
        settled = np.where(self.is_empty, ENDED_DAYS, SETTLED_DAYS)
        return (self.days > 0) & (self.days < settled) & ~self.has_ended

    def is_silent(self, days: int) -> Truths:
        """The days of a fall to nothing, of the last ``days``: no level is among them."""
        return self.is_empty & self._since(days)

    def _since(self, days: int) -> Truths:
        return np.arange(days)[:, None] >= days - self.days

    def levelled(self, raw: Floats) -> Floats:
        """Days as if all of them had been on the level that is expected to last."""
        away = np.where(self._since(len(raw)), self.lasting - self.jump, self.lasting)
        return np.where(self.is_active, raw * np.exp(away), raw)


def ongoing(raw: Floats, days_known: NDArray[np.int64]) -> Shifts:
    """The longest jump that ends with the last day, per series."""
    days, series = raw.shape
    usual = np.median(raw, axis=0)
    usual = np.where(usual > 0, usual, raw.mean(axis=0))
    least = np.log(np.maximum(LEAST_DAY_SHARE * usual, TINY))
    logs = np.maximum(np.log(np.maximum(raw, TINY)), least).T
    logs = np.ascontiguousarray(logs)
    lasted = np.zeros(series, dtype=np.int64)
    jump, lasting = np.zeros(series), np.zeros(series)
    for length in range(1, LONGEST + 1):
        start = days - length
        reference = logs[:, max(start - REFERENCE_DAYS, 0) : start]
        if reference.shape[1] < LEAST_REFERENCE_DAYS:
            break
        recent = logs[:, start:]
        old = median(reference)
        spread = np.maximum(
            DEVIATION_PER_MAD * median(np.abs(reference - old[:, None])), LEAST_DEVIATION
        )
        middle = median(recent)
        diff = middle - old
        sign = np.sign(diff)[:, None]
        half = (np.abs(diff) / 2)[:, None]
        beyond = (recent - old[:, None]) * sign > half
        is_jump = (
            (
                np.abs(diff)
                > np.maximum(
                    _by_length(LEAST_JUMP, length), _by_length(JUMP_DEVIATIONS, length) * spread
                )
            )
            & (beyond.mean(axis=1) >= AGREEING_SHARE)
            & beyond[:, 0]
            & ~(((reference[:, -1:] - old[:, None]) * sign > half)[:, 0])
            & (days_known >= length + LEAST_REFERENCE_DAYS)
            & (old > least)
        )
        rows = np.flatnonzero(is_jump)
        if len(rows) == 0:
            continue
        if length <= 2:
            past = ((reference[rows] - old[rows, None]) * sign[rows] > half[rows]).sum(axis=1)
            rows = rows[past < USUAL_EXCURSIONS]
        off = np.sqrt(((recent[rows] - middle[rows, None]) ** 2).sum(axis=1) / max(length - 1, 1))
        lasted[rows], jump[rows] = length, diff[rows]
        lasting[rows] = _lasting(length, diff[rows], off, spread[rows])
    silent, longest_break = _breaks(raw)
    ended = silent >= np.maximum(ENDED_DAYS, ENDED_BREAKS * longest_break)
    return Shifts(lasted, jump, lasting, (lasted > 0) & (silent >= lasted), ended)


def _breaks(raw: Floats) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Empty days at the end, and the longest run of them before."""
    days = len(raw)
    used = raw > 0
    at = np.where(used, np.arange(days)[:, None], -1)
    np.maximum.accumulate(at, axis=0, out=at)
    silent = days - 1 - at[-1]
    run = np.where(at >= 0, np.arange(days)[:, None] - at, 0)
    earlier = np.where(np.arange(days)[:, None] <= at[-1], run, 0)
    return silent, earlier.max(axis=0)


def _lasting(length: int, jump: Floats, off: Floats, spread: Floats) -> Floats:
    """``off``: standard deviation of the jump's days; ``spread``: deviation of those before."""
    steady = ((off <= STEADY_DEVIATIONS * spread) | (off <= STEADY_SHARE * np.abs(jump))) & (
        off > 0
    )
    rise = np.where(
        steady, *(np.interp(length, DAYS_LASTED, table) for table in (STEADY_RISE, OTHER_RISE))
    )
    fall = np.where(
        steady, *(np.interp(length, DAYS_LASTED, table) for table in (STEADY_FALL, OTHER_FALL))
    )
    return np.where(jump > 0, rise, fall) * np.clip(jump, -LARGEST_JUMP, LARGEST_JUMP)


def median(rows: Floats) -> Floats:
    """Along axis 1, which numpy's own does in several passes."""
    count = rows.shape[1]
    middle = count // 2
    if count % 2:
        return np.partition(rows, middle, axis=1)[:, middle]
    parted = np.partition(rows, (middle - 1, middle), axis=1)
    return (parted[:, middle - 1] + parted[:, middle]) / 2


def _by_length(table: dict[int, float], length: int) -> float:
    return table[min(length, max(table))]
