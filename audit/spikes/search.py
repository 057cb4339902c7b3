"""The search for the strongest spike and the strongest step of every series."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

from audit.errors import InputError
from audit.spikes.levels import (
    FOUR_WEEKS,
    SHORTEST_HISTORY_DAYS,
    WEEK,
    Floats,
    Integers,
    Levels,
    Mask,
    Numbers,
    at_row,
    levels,
    middle_of_four,
    spread,
    units_of,
)
from audit.spikes.scales import (
    AUDITED_DAYS,
    CALMEST_DAY,
    CALMEST_WEEK,
    SPIKE_TAIL,
    SPIKE_WIDENING,
    STEP_TAIL,
    STEP_WIDENING,
    probability,
    scale,
    widening,
)

#: A spike that is not over yet lasts at most this long; from then on it may be a new level.
LONGEST_ONGOING_DAYS = 3
#: Days after a change before it can be called a step. Source: measured on public series, a rise
#: that has lasted a week stays.
SHORTEST_STEP_DAYS = 7
STEP_BEYOND_SHARE = 0.85
#: A level seen in these days before a change is not new.
COMPARED_DAYS = 56
#: One month back, whichever month: a job that runs on the first of every month is no surprise.
MONTH_LAGS = (28, 29, 30, 31)
_CHUNK = 4096


@dataclass(frozen=True)
class Spikes:
    """The strongest spike of each series. ``p_value``: how often a clean series goes as far;
    ``distance``: how far, in scales of the series. ``first``, ``last``: column numbers.
    ``units`` above ``expected`` units, both over all of these days. ``ratio``: the strongest day
    over what was expected of it, at least one unit.
    """

    p_value: Floats
    distance: Floats
    first: Integers
    last: Integers
    units: Floats
    expected: Floats
    ratio: Floats


@dataclass(frozen=True)
class Steps:
    """The strongest step of each series. ``day``: the first column at the new level. ``before``
    and ``after``: units per day, the mean over a week."""

    p_value: Floats
    distance: Floats
    day: Integers
    before: Floats
    after: Floats


@dataclass(frozen=True)
class Changes:
    """One entry per series. NaN, and -1 for a column number, where nothing can be said.
    ``too_short``: too few known days to say anything."""

    spike: Spikes
    step: Steps
    too_short: Mask


def changes(series: NDArray[np.float64], *, audited_days: int = AUDITED_DAYS) -> Changes:
    """The strongest spike and step of each series within its last ``audited_days``.

    ``series``: series x days, units per day, NaN where a day is unknown. Every series is judged
    by itself. Memory is bounded by a few thousand series at a time.
    """
    values = np.asarray(series, dtype=np.float64)
    if values.ndim != 2 or audited_days < SHORTEST_STEP_DAYS:
        raise InputError(
            f"Spikes are looked for in an array of series x days with at least "
            f"{SHORTEST_STEP_DAYS} audited days; got {values.ndim} dimensions and "
            f"{audited_days} days."
        )
    if values.shape[1] < SHORTEST_HISTORY_DAYS + audited_days:
        # Nothing but unknown days, as many as are needed.
        values = np.full((len(values), SHORTEST_HISTORY_DAYS + audited_days), np.nan)
    parts = [
        _changes(values[start : start + _CHUNK], audited_days)
        for start in range(0, max(1, len(values)), _CHUNK)
    ]
    return Changes(
        Spikes(*_joined([part.spike for part in parts])),
        Steps(*_joined([part.step for part in parts])),
        np.concatenate([part.too_short for part in parts]),
    )


def _joined(parts: Sequence[Spikes] | Sequence[Steps]) -> list[NDArray[Any]]:
    return [np.concatenate([getattr(part, one.name) for part in parts]) for one in fields(parts[0])]


def _changes(values: Floats, audited_days: int) -> Changes:
    start = values.shape[1] - audited_days
    values, ago = _to_the_end(values)
    of = levels(values, start)
    history = of.read[start]
    too_short = (history < SHORTEST_HISTORY_DAYS) | (ago > WEEK)
    spike = _spikes(of, start, widening(history, SPIKE_WIDENING))
    step = _steps(of, start, widening(history, STEP_WIDENING))
    for found in (spike, step):
        untold = too_short | np.isnan(found.p_value)
        for one in fields(found):
            column = getattr(found, one.name)
            if column.dtype == np.int64:
                column -= ago
                column[untold] = -1
            else:
                column[untold] = np.nan
    return Changes(spike, step, too_short)


def _to_the_end(values: Floats) -> tuple[Floats, Integers]:
    """Series moved so that their last known day comes last, and by how many days: counters of
    the last day or two are often not in yet. The beginning becomes unknown."""
    days = values.shape[1]
    ago = np.argmax(~np.isnan(values[:, ::-1]), axis=1).astype(np.int64)
    if not ago.any():
        return values, ago
    column = np.arange(days) - ago[:, None]
    moved = np.take_along_axis(values, np.maximum(0, column), axis=1)
    return np.where(column >= 0, moved, np.nan), ago


def _around(of: Levels) -> Numbers:
    """The level around each day, from the days before and after it: the larger one, so that
    neither end of a step is a spike. NaN where too few days around it are known.

    In the last days there is no week after: then the days that are there, and in the very last
    the day before them, so that what goes on for longer is not called a spike.
    """
    days = len(of.day)
    end = days - LONGEST_ONGOING_DAYS
    out = np.full(of.day.shape, np.nan, dtype=np.float32)
    out[WEEK:] = of.week[: days - WEEK]
    np.maximum(out[WEEK:-WEEK], of.week[WEEK + 1 :], out=out[WEEK:-WEEK])
    for day in range(days - WEEK, end):
        np.maximum(out[day], np.median(of.day[day + 1 :], axis=0), out=out[day])
    np.maximum(out[end:], of.day[end - 1], out=out[end:])
    enough = of.known.copy()
    enough[WEEK:] &= of.read[WEEK:-1] - of.read[: -WEEK - 1] > WEEK // 2
    enough[:end] &= of.read[np.minimum(np.arange(end) + WEEK + 1, days)] - of.read[1 : end + 1] >= 3
    enough[end:] &= of.known[end - 1]
    out[~enough] = np.nan
    return out


def _spikes(of: Levels, start: int, wider: Numbers) -> Spikes:
    days = len(of.day)
    around = _around(of)
    excess = of.day - around
    _, typical, tail = spread(excess[WEEK:start], centred=False)
    usual = middle_of_four([of.week[start - ago : days - ago] for ago in FOUR_WEEKS])
    level = np.maximum(around[start:], usual)
    above = of.day[start:] - level
    for lag in MONTH_LAGS:
        if lag <= start:
            above[excess[start - lag : days - lag] >= above / 2] = 0
    distance = above / (scale(level, CALMEST_DAY, 1, typical, tail) * wider)
    tested = np.count_nonzero(~np.isnan(distance), axis=0)
    peak = np.argmax(np.nan_to_num(distance, nan=-np.inf), axis=0)
    farthest = at_row(distance, peak).astype(np.float64)
    p_value = probability(farthest, SPIKE_TAIL) * np.maximum(1, tested / AUDITED_DAYS)
    p_value = np.minimum(1, p_value)
    first, last = _run(of, peak + start, at_row(level, peak) + at_row(above, peak) / 2)
    p_value[tested == 0] = np.nan
    expected_level = np.maximum(_beside(of, first, last), at_row(usual, peak))
    units, expected = np.zeros(len(peak)), np.zeros(len(peak))
    for ahead in range(WEEK):
        day = np.minimum(first + ahead, last)
        inside = first + ahead <= last
        units += np.where(inside, np.nan_to_num(at_row(of.units, day)), 0)
        expected += np.where(inside, units_of(expected_level + at_row(of.profile, day)), 0)
    of_peak = units_of(expected_level + at_row(of.profile, peak + start))
    ratio = at_row(of.units, peak + start) / np.maximum(1, of_peak)
    return Spikes(p_value, farthest, first, last, units - expected, expected, ratio)


def _run(of: Levels, peak: Integers, bar: Numbers) -> tuple[Integers, Integers]:
    """First and last of the known days around the peak that lie above the bar."""
    column = np.arange(len(peak))
    ends = []
    for way in (-1, 1):
        end, going = peak.copy(), np.ones(len(peak), dtype=bool)
        for _ in range(WEEK):
            next_day = np.clip(end + way, 0, len(of.day) - 1)
            going &= (next_day != end) & of.known[next_day, column]
            going &= of.day[next_day, column] > bar
            end = np.where(going, next_day, end)
        ends.append(end)
    return ends[0], ends[1]


def _beside(of: Levels, first: Integers, last: Integers) -> Numbers:
    """The level in the week before a run of days or after it, whichever is larger."""
    before = at_row(of.week, np.maximum(0, first - WEEK))
    later = last[None, :] + np.arange(1, WEEK + 1)[:, None]
    inside = later < len(of.day)
    rest = np.take_along_axis(of.day, np.minimum(later, len(of.day) - 1), axis=0)
    after, _, _ = spread(np.where(inside, rest, np.nan), centred=True)
    enough = inside.sum(axis=0) >= LONGEST_ONGOING_DAYS
    return np.where(enough, np.maximum(before, after), before)


def _steps(of: Levels, start: int, wider: Numbers) -> Steps:
    days, count = of.day.shape
    rise = of.week[WEEK:] - of.week[:-WEEK]  # row i: how the level moved on day i + WEEK
    read = of.read[WEEK:] - of.read[:-WEEK]
    rise[(read[WEEK:] <= WEEK // 2) | (read[:-WEEK] <= WEEK // 2)] = np.nan
    trend, typical, tail = spread(rise[: start - 2 * WEEK + 1], centred=True)
    best, when = np.full(count, -1.0), np.full(count, start)
    for day in range(start, days - SHORTEST_STEP_DAYS + 1):
        move = rise[day - WEEK]
        before = of.week[day - WEEK]
        way, half = np.sign(move), np.abs(move) / 2
        beyond = (of.day[day - 1 :] - before) * way > half
        known = of.known[day:]
        share = (beyond[1:] & known).sum(axis=0) / np.maximum(1, known.sum(axis=0))
        stays = (share >= STEP_BEYOND_SHARE) & beyond[1] & ~beyond[0]
        stays &= (of.week[-1] - before) * way > half
        for ago in range(2 * WEEK, min(day, COMPARED_DAYS) + 1, WEEK):
            # The end of a spike, a campaign or an outage is the return to a level that was there.
            stays &= (of.week[day] - of.week[day - ago]) * way > half
        level = np.minimum(before, of.week[day])
        far = np.abs(move - trend) / scale(level, CALMEST_WEEK, WEEK, typical, tail)
        distance = np.where(stays, far / wider, 0)
        better = distance > best
        best, when = np.where(better, distance, best), np.where(better, day, when)
    candidates = days - SHORTEST_STEP_DAYS + 1 - start
    share_of_measured = max(1.0, candidates / (AUDITED_DAYS - SHORTEST_STEP_DAYS + 1))
    p_value = np.minimum(1, probability(best, STEP_TAIL) * share_of_measured)
    p_value[best < 0] = np.nan
    old = middle_of_four([at_row(of.week, when - ago) for ago in FOUR_WEEKS])
    since = (np.arange(start, days)[:, None] >= when) & of.known[start:]
    new, _, _ = spread(np.where(since, of.day[start:], np.nan), centred=True)
    mean_day = np.exp(of.profile[:WEEK].astype(np.float64)).mean(axis=0)
    return Steps(p_value, best, when, units_of(old) * mean_day, units_of(new) * mean_day)
