"""A clear step of the level that has lasted for a week or more: where the months go on from.

The running period takes a jump of seven days for settled; here it is how much of the level before
it is left in the months to come, and what stays in doubt. Measured: benchmarks/paths.py.
"""

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray

from audit.forecast.cleaning import DEVIATION_PER_MAD, LEAST_FACTOR, TINY, WEEK, Floats, filled
from audit.forecast.shifts import AGREEING_SHARE, LEAST_DEVIATION, REFERENCE_DAYS, median

#: Days a step may have lasted to be looked for.
SHORTEST_STEP, LONGEST_STEP = 4, 179

#: A step is at least so large (as a logarithm), and fully taken for one at the second; the same
#: in deviations of the days on either side. Its first week must differ from
#: the week before by the last share of it.
LEAST_STEP, CLEAR_STEP = float(np.log(1.3)), float(np.log(1.5))
STEP_DEVIATIONS, CLEAR_DEVIATIONS = 3.0, 4.0
LEAST_SCREENED = 0.6

#: Both sides are level: their halves differ by at most so much of the step, else it is a trend.
#: Of the eight weeks before these, at most so much of the step was gone back by it: else an
#: excursion has ended.
LARGEST_SLOPE = 1 / 3
LARGEST_WAY_BACK = 0.5
BEFORE_DAYS, LEAST_BEFORE_DAYS = 56, 7

#: Share of the days of each side that are known, and share of them with usage.
KNOWN_SHARE = 0.7
USED_SHARE = 0.8

#: The same days a year earlier, or a week off: with so much of the step then, it is a season.
YEAR_DAYS = 364
SEASON_SHARE = 0.4
SEASON_OFFSETS = (-WEEK, 0, WEEK)

#: Around the turn of the year usage falls, or rises, and comes back: a step that began on these
#: days (month, day) has lasted from the last of them on.
HOLIDAYS_BEGIN, HOLIDAYS_END = (12, 15), (1, 7)

#: Largest step that is carried into the months, as a logarithm (a factor of ten).
LARGEST_STEP = float(np.log(10.0))

#: Share of the step that the days before it are moved by, and what the scale grows by as a share
#: of it, by the days it has lasted.
LASTED = (3.0, 7.0, 14.0, 28.0, 60.0, 90.0, 180.0)
BELIEVED_RISE = (0.0, 0.3, 0.85, 1.0, 1.0, 1.0, 0.0)
BELIEVED_FALL = (0.0, 0.2, 0.85, 1.0, 1.0, 1.0, 0.0)
SETTLED = (0.0, 1.0, 1.0, 1.0, 1.0, 1.0, 0.0)
DOUBT = (0.0, 0.27, 0.2, 0.1, 0.05, 0.03, 0.0)


@dataclass(frozen=True)
class Steps:
    """``days`` (series): how long the step has lasted, 0 for none; ``step``: logarithm of new
    over old level; ``believed``: the part of it that days before are moved by; ``settled``: the
    part of it that is no change of the usual kind; ``doubt``: what it adds to the typical change
    of a month, a logarithm of at least 0."""

    days: NDArray[np.int64]
    step: Floats
    believed: Floats
    settled: Floats
    doubt: Floats

    def levelled(self, values: Floats, moved: Floats) -> Floats:
        """``values`` (series x days) with the days before the step ``moved`` (a logarithm)."""
        back = np.arange(values.shape[1])[::-1]
        before = (self.days > 0)[:, None] & (back[None] >= self.days[:, None])
        return np.asarray(np.where(before, values * np.exp(moved)[:, None], values))

    def levelled_months(self, middles: Floats, levels: Floats, moved: Floats) -> Floats:
        """The same for ``levels`` (series x months) with ``middles`` in days back."""
        before = (self.days > 0)[:, None] & (middles[None] >= self.days[:, None])
        return np.asarray(np.where(before, levels * np.exp(moved)[:, None], levels))


def none(series: int) -> Steps:
    """No step in any series."""
    zero = np.zeros(series)
    return Steps(np.zeros(series, dtype=np.int64), zero, zero, zero, zero)


def of(days: NDArray[np.int64], step: Floats, clear: Floats, lasted: Floats) -> Steps:
    """Steps of which it is ``clear`` (0 to 1) that they are some, by what they have ``lasted``."""
    step = np.clip(step, -LARGEST_STEP, LARGEST_STEP)
    rise, fall = (np.interp(lasted, LASTED, row) for row in (BELIEVED_RISE, BELIEVED_FALL))
    return Steps(
        days=days,
        step=step,
        believed=clear * np.where(step > 0, rise, fall) * step,
        settled=clear * np.interp(lasted, LASTED, SETTLED) * step,
        doubt=clear * np.interp(lasted, LASTED, DOUBT) * np.abs(step),
    )


def clear_steps(values: Floats, factors: Floats, last_day: date) -> Steps:
    """The clearest step of the last days of each series.

    ``values``: series x days, NaN = unknown; ``factors``: series x 7, Monday first.
    """
    series, width = values.shape
    days = np.zeros(series, dtype=np.int64)
    step, weight, clearest = np.zeros(series), np.zeros(series), np.zeros(series)
    logs, known, used = _logs(values, factors, last_day)
    lasting = np.arange(SHORTEST_STEP, min(LONGEST_STEP, width - REFERENCE_DAYS) + 1)
    may_be = _may_be(logs, known, used, width - lasting)
    for lasted in lasting[may_be.any(axis=0)]:
        cut = width - int(lasted)
        rows = np.flatnonzero(may_be[:, lasted - SHORTEST_STEP])
        some = logs[rows]
        size, clear = _step(some, cut)
        better = clear * np.abs(size) * np.sqrt(lasted / (lasted + REFERENCE_DAYS))
        chosen = (clear > 0) & (better > clearest[rows]) & ~_is_season(some, cut, size)
        at = rows[chosen]
        days[at], step[at] = lasted, size[chosen]
        weight[at], clearest[at] = clear[chosen], better[chosen]
    return of(days, step, weight, _lasted(days, last_day))


def _logs(values: Floats, factors: Floats, last_day: date) -> tuple[Floats, Floats, Floats]:
    """Logarithms of days without their weekday, whether a day is known, whether it has usage."""
    width = values.shape[1]
    weekday = (last_day.weekday() - np.arange(width)[::-1]) % WEEK
    known = np.isfinite(values)
    flat = filled((values / np.maximum(factors, LEAST_FACTOR)[:, weekday]).T, known.T).T
    least = 0.01 * flat.mean(axis=1, keepdims=True)
    logs: Floats = np.log(np.maximum(flat, np.maximum(least, TINY)))
    return logs, known.astype(np.float64), (np.nan_to_num(values) > 0).astype(np.float64)


def _may_be(
    logs: Floats, known: Floats, used: Floats, cuts: NDArray[np.int64]
) -> NDArray[np.bool_]:
    """Series x cuts: enough is known and used on both sides, and means differ there at once."""

    def sums(days: Floats) -> Floats:
        return np.concatenate([np.zeros((len(days), 1)), np.cumsum(days, axis=1)], axis=1)

    def mean(of: Floats, first: NDArray[np.int64], end: NDArray[np.int64]) -> Floats:
        return np.asarray((of[:, end] - of[:, first]) / (end - first))

    ends = np.full_like(cuts, logs.shape[1])
    found = np.ones((len(logs), len(cuts)), dtype=np.bool_)
    of_known, of_used, of_logs = sums(known), sums(used), sums(logs)
    for first, end in ((cuts - REFERENCE_DAYS, cuts), (cuts, ends)):
        share = mean(of_known, first, end)
        found &= (share >= KNOWN_SHARE) & (mean(of_used, first, end) >= USED_SHARE * share)
    size = mean(of_logs, cuts, ends) - mean(of_logs, cuts - REFERENCE_DAYS, cuts)
    after = mean(of_logs, cuts, np.minimum(cuts + WEEK, ends))
    at_once = (after - mean(of_logs, cuts - WEEK, cuts)) * np.sign(size)
    return np.asarray(
        found
        & (np.abs(size) >= LEAST_SCREENED * LEAST_STEP)
        & (at_once >= LEAST_SCREENED * np.abs(size))
    )


def _step(logs: Floats, cut: int) -> tuple[Floats, Floats]:
    """Size of the step at ``cut``, and how clear it is: 0 for none, 1 for fully."""
    reference, recent = logs[:, cut - REFERENCE_DAYS : cut], logs[:, cut:]
    old, new = median(reference), median(recent)
    size = new - old
    large = np.abs(size)
    spread = np.maximum(_deviation(reference, old), _deviation(recent, new))
    clear = np.minimum(
        _ramp(large, LEAST_STEP, CLEAR_STEP),
        _ramp(large / spread, STEP_DEVIATIONS, CLEAR_DEVIATIONS),
    )
    sign = np.sign(size)[:, None]
    half = (large / 2)[:, None]
    beyond = (recent - old[:, None]) * sign > half
    still = (reference - old[:, None]) * sign <= half
    is_step = (beyond.mean(axis=1) >= AGREEING_SHARE) & beyond[:, 0] & still[:, -1]
    for side in (reference, recent):
        middle = side.shape[1] // 2
        slope = np.abs(median(side[:, middle:]) - median(side[:, :middle]))
        is_step &= slope <= LARGEST_SLOPE * large
    before = logs[:, max(cut - REFERENCE_DAYS - BEFORE_DAYS, 0) : cut - REFERENCE_DAYS]
    if before.shape[1] >= LEAST_BEFORE_DAYS:
        back = (median(before) - old) * np.sign(size)
        is_step &= back <= LARGEST_WAY_BACK * large
    return size, np.where(is_step, clear, 0.0)


def _is_season(logs: Floats, cut: int, size: Floats) -> NDArray[np.bool_]:
    """A year earlier the level moved as it did now."""
    found = np.zeros(len(logs), dtype=np.bool_)
    for offset in SEASON_OFFSETS:
        then, end = cut - YEAR_DAYS + offset, logs.shape[1] - YEAR_DAYS + offset
        if then >= REFERENCE_DAYS:
            moved = median(logs[:, then:end]) - median(logs[:, then - REFERENCE_DAYS : then])
            found |= moved * np.sign(size) >= SEASON_SHARE * np.abs(size)
    return found


def _lasted(days: NDArray[np.int64], last_day: date) -> Floats:
    """Days a step counts for: those after the holidays that it began in."""
    out = days.astype(np.float64)
    for k in np.flatnonzero(days):
        first = last_day - timedelta(days=int(days[k]) - 1)
        if (first.month, first.day) >= HOLIDAYS_BEGIN:
            out[k] = max((last_day - date(first.year + 1, *HOLIDAYS_END)).days, 0)
        elif (first.month, first.day) <= HOLIDAYS_END:
            out[k] = max((last_day - date(first.year, *HOLIDAYS_END)).days, 0)
    return out


def _deviation(side: Floats, middle: Floats) -> Floats:
    return np.maximum(DEVIATION_PER_MAD * median(np.abs(side - middle[:, None])), LEAST_DEVIATION)


def _ramp(value: Floats, none_at: float, full_at: float) -> Floats:
    return np.asarray(np.clip((value - none_at) / (full_at - none_at), 0.0, 1.0))
