"""Daily series as levels on the log scale, without their weekday profile."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.floating[Any]]
Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Mask = NDArray[np.bool_]

WEEK = 7
#: Known days before the audited ones; with fewer nothing is said.
SHORTEST_HISTORY_DAYS = 28
#: The share of the past that may lie beyond the tail that a scale is read from.
TAIL_SHARE = 0.04
FOUR_WEEKS = (7, 14, 21, 28)

# The smallest network that sorts seven.
_NETWORK_OF_SEVEN = (
    *((0, 6), (2, 3), (4, 5), (0, 2), (1, 4), (3, 6), (0, 1), (2, 5)),
    *((3, 4), (1, 2), (4, 6), (2, 3), (4, 5), (1, 2), (3, 4), (5, 6)),
)


@dataclass(frozen=True)
class Levels:
    """Days x series. ``units`` as given; on the log scale ``day`` without the weekday
    ``profile``, and ``week``, the median of the seven days from each on. ``known``: was read, and
    ``read`` how many of the days before each were."""

    units: Floats
    known: Mask
    read: Integers
    day: Numbers
    profile: Numbers
    week: Numbers


def levels(values: Floats, start: int) -> Levels:
    units = np.ascontiguousarray(values.T)
    known = ~np.isnan(units)
    # The zeros before a product was first used are no history of its use, once there is enough.
    first = np.argmax(units > 0, axis=0)
    known &= (np.arange(len(units))[:, None] >= first) | (start - first < SHORTEST_HISTORY_DAYS)
    logs = np.log1p(np.where(known, units, np.nan)).astype(np.float32)
    _fill(logs)
    sums = np.cumsum(np.vstack([np.zeros((1, logs.shape[1])), logs]), axis=0)
    apart = logs[3:-3] - ((sums[WEEK:] - sums[:-WEEK]) / WEEK).astype(np.float32)
    by_weekday = np.stack([np.median(apart[(w - 3) % WEEK :: WEEK], axis=0) for w in range(WEEK)])
    by_weekday -= by_weekday.mean(axis=0)
    profile = by_weekday[np.arange(len(logs)) % WEEK]
    day = logs - profile
    read = np.vstack([np.zeros((1, known.shape[1]), np.int64), np.cumsum(known, axis=0)])
    return Levels(units, known, read, day, profile, _median_of_seven(day))


def _fill(logs: Numbers) -> None:
    """Unknown days as the nearest known same weekday, so that medians can be taken; they are
    never judged, nor do they count as known."""
    if not np.isnan(logs).any():
        return
    for day in range(WEEK, len(logs)):
        np.copyto(logs[day], logs[day - WEEK], where=np.isnan(logs[day]))
    for day in range(len(logs) - WEEK - 1, -1, -1):
        np.copyto(logs[day], logs[day + WEEK], where=np.isnan(logs[day]))
    middle, _, _ = spread(logs, centred=True)
    np.copyto(logs, np.nan_to_num(middle), where=np.isnan(logs))


def _median_of_seven(day: Numbers) -> Numbers:
    """The median of each seven rows on, by a sorting network: exchanges of whole columns are ten
    times as fast as sorting every window."""
    rows = [day[i : i + len(day) - WEEK + 1] for i in range(WEEK)]
    for low, high in _NETWORK_OF_SEVEN:
        one, other = rows[low], rows[high]
        rows[low], rows[high] = np.minimum(one, other), np.maximum(one, other)
    return rows[WEEK // 2]


def spread(past: Numbers, *, centred: bool) -> tuple[Numbers, Numbers, Numbers]:
    """Median, robust deviation and tail of each column, NaN left out. The tail is the value that
    few of the past exceed; with ``centred``, few of the deviations."""
    known = np.maximum(1, np.count_nonzero(~np.isnan(past), axis=0))
    ordered = np.sort(past, axis=0)
    middle = at_row(ordered, (known - 1) // 2)
    apart = np.sort(np.abs(past - middle), axis=0)
    tail = at_row(apart if centred else ordered, known - 1 - (known * TAIL_SHARE).astype(np.int64))
    return middle, np.float32(1.4826) * at_row(apart, known // 2), tail


def at_row(rows: Numbers, place: Integers) -> Numbers:
    """The value at a row of each column."""
    return np.take_along_axis(rows, place[None, :], axis=0)[0]


def middle_of_four(weeks: list[Numbers]) -> Numbers:
    """The mean of the middle two."""
    both = np.stack(weeks)
    return (both.sum(axis=0) - both.max(axis=0) - both.min(axis=0)) / 2


def units_of(log_level: Numbers) -> Floats:
    return np.maximum(0, np.expm1(log_level.astype(np.float64)))
