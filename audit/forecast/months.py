"""The billing periods that follow a running one: exact days, month ends clamped."""

from calendar import monthrange
from datetime import date, timedelta

import numpy as np
import numpy.typing as npt

from audit.errors import InputError

#: Billing periods that are looked at after the running one.
FOLLOWING = 12


def boundaries(period_start: date, period_end: date) -> tuple[date, ...]:
    """The 14 first days that cut the running and the twelve following billing periods.

    The running period goes from ``period_start`` to before ``period_end``; every later one ends
    on the same day of the next month, on the month's last day where that day does not exist.

    >>> [str(day) for day in boundaries(date(2025, 12, 31), date(2026, 1, 31))[:4]]
    ['2025-12-31', '2026-01-31', '2026-02-28', '2026-03-31']

    Raises:
        InputError: the period ends before it begins.
    """
    if period_end <= period_start:
        raise InputError(
            f"The billing period ends on {period_end} but begins on {period_start}: its end, "
            "the first day of the next period, must come later."
        )
    day = _day_of_month(period_start, period_end)
    return (period_start, *(months_after(period_end, ahead, day) for ahead in range(FOLLOWING + 1)))


def boundaries_before(period_start: date, period_end: date, count: int) -> tuple[date, ...]:
    """First days of the ``count`` billing periods before the running one, oldest first, and
    ``period_start``."""
    day = _day_of_month(period_start, period_end)
    return (*(months_after(period_start, -back, day) for back in range(count, 0, -1)), period_start)


def _day_of_month(period_start: date, period_end: date) -> int:
    """The day periods begin on; a later one than ``period_end`` where its month is too short."""
    clamped = period_end.day == _days_in(period_end.year, period_end.month)
    return max(period_start.day, period_end.day) if clamped else period_end.day


def months_after(day: date, months: int, day_of_month: int = 0) -> date:
    """The same day, or ``day_of_month``, of a later month; its last where that does not exist.

    >>> months_after(date(2026, 1, 31), 1)
    datetime.date(2026, 2, 28)
    """
    year, index = divmod(12 * day.year + day.month - 1 + months, 12)
    return date(year, index + 1, min(day_of_month or day.day, _days_in(year, index + 1)))


def _days_in(year: int, month: int) -> int:
    return monthrange(year, month)[1]


def weekdays(first: date, last: date) -> npt.NDArray[np.int64]:
    """Days from ``first`` to before ``last`` by weekday, Monday first. Whole days."""
    days = max((last - first).days, 0)
    counts = np.full(7, days // 7, dtype=np.int64)
    for extra in range(days % 7):
        counts[(first + timedelta(days=extra)).weekday()] += 1
    return counts
