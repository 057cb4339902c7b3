"""Boundaries and weekdays of billing periods."""

from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit.errors import InputError
from audit.forecast.months import boundaries, boundaries_before, weekdays


def starts(first: str, end: str) -> list[str]:
    cuts = boundaries(date.fromisoformat(first), date.fromisoformat(end))
    return [cut.strftime("%m-%d") for cut in cuts]


@pytest.mark.parametrize(
    ("first", "end", "told"),
    [
        ("2026-01-15", "2026-02-15", "01-15 02-15 03-15 04-15 05-15 06-15 07-15"),
        ("2026-01-31", "2026-02-28", "01-31 02-28 03-31 04-30 05-31 06-30 07-31"),
        ("2026-01-30", "2026-02-28", "01-30 02-28 03-30 04-30 05-30 06-30 07-30"),
        ("2026-01-29", "2026-02-28", "01-29 02-28 03-29 04-29 05-29 06-29 07-29"),
        ("2026-01-28", "2026-02-28", "01-28 02-28 03-28 04-28 05-28 06-28 07-28"),
        ("2026-02-28", "2026-03-31", "02-28 03-31 04-30 05-31 06-30 07-31 08-31"),
        ("2026-04-30", "2026-05-30", "04-30 05-30 06-30 07-30 08-30 09-30 10-30"),
        ("2027-12-31", "2028-01-31", "12-31 01-31 02-29 03-31 04-30 05-31 06-30"),
        ("2028-01-29", "2028-02-29", "01-29 02-29 03-29 04-29 05-29 06-29 07-29"),
        # A first period that is no month: its end tells the day.
        ("2026-01-25", "2026-02-20", "01-25 02-20 03-20 04-20 05-20 06-20 07-20"),
    ],
)
def test_periods_begin_on_the_same_day_or_the_last_there_is(first, end, told):
    assert starts(first, end)[:7] == told.split()


def test_a_year_of_month_ends_by_hand():
    told = "10-31 11-30 12-31 01-31 02-28 03-31 04-30 05-31 06-30 07-31 08-31 09-30 10-31 11-30"

    assert starts("2026-10-31", "2026-11-30") == told.split()


def test_a_period_without_days_is_refused():
    with pytest.raises(InputError, match="must come later"):
        boundaries(date(2026, 3, 1), date(2026, 3, 1))


@given(st.dates(date(2000, 1, 1), date(2100, 1, 1)), st.integers(28, 31))
def test_periods_are_whole_months_long(first, length):
    cuts = boundaries(first, first + timedelta(days=length))

    assert len(cuts) == 14
    lengths = [(end - start).days for start, end in pairwise(cuts[1:])]
    assert all(28 <= days <= 31 for days in lengths)
    assert sum(lengths) in (365, 366)


def test_periods_before_are_the_same_months_backwards():
    before = boundaries_before(date(2026, 1, 31), date(2026, 2, 28), 4)

    assert [str(cut) for cut in before] == [
        "2025-09-30",
        "2025-10-31",
        "2025-11-30",
        "2025-12-31",
        "2026-01-31",
    ]


@given(st.dates(date(2000, 1, 1), date(2100, 1, 1)), st.integers(0, 70))
def test_weekdays_are_those_of_the_calendar(first, days):
    one_by_one = [0] * 7
    for ahead in range(days):
        one_by_one[(first + timedelta(days=ahead)).weekday()] += 1

    assert weekdays(first, first + timedelta(days=days)).tolist() == one_by_one
