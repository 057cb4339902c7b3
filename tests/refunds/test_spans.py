"""Which bills an incident falls into, and which three months stand before it."""

from datetime import date
from decimal import Decimal

import pytest

from audit.refunds.amounts import allocated, half_up
from audit.refunds.spans import Span, billing_periods, calendar


def span(first, last):
    return Span(date.fromisoformat(first), date.fromisoformat(last))


def test_the_months_before_are_the_complete_billing_periods_where_they_are_known(acme):
    days = calendar(acme().account(), span("2026-10-10", "2026-10-13"))

    assert (days.periods_known, days.months_known) == (True, True)
    assert [str(month) for month in days.months] == [
        "2026-07-01 to 2026-07-31",
        "2026-08-01 to 2026-08-31",
        "2026-09-01 to 2026-09-30",
    ]


def test_without_three_known_periods_the_months_are_ninety_days_up_to_the_incident(acme):
    days = calendar(acme(periods=["2026-10"]).account(), span("2026-10-10", "2026-10-13"))

    assert (days.periods_known, days.months_known) == (True, False)
    assert (days.months[0].start, days.months[-1].end) == (date(2026, 7, 12), date(2026, 10, 10))
    assert {month.days for month in days.months} == {30}


def test_periods_with_a_hole_between_them_are_no_three_months(acme):
    one = acme(periods=["2026-05", "2026-07", "2026-09", "2026-10"])

    assert not calendar(one.account(), span("2026-10-10", "2026-10-13")).months_known


def test_without_any_period_the_bill_is_thirty_days_from_the_first_day_on(acme):
    days = calendar(acme(periods=()).account(), span("2026-08-01", "2026-09-05"))

    assert not days.periods_known
    assert [str(one.period) for one in days.segments] == [
        "2026-08-01 to 2026-08-30",
        "2026-08-31 to 2026-09-29",
    ]
    assert [str(one.days) for one in days.segments] == [
        "2026-08-01 to 2026-08-30",
        "2026-08-31 to 2026-09-04",
    ]


def test_a_year_is_no_billing_month(acme):
    one = acme(periods=(), period_start="2026-01-01", period_end="2027-01-01")

    assert billing_periods(one.account()) == ()


def test_of_periods_that_overlap_the_running_one_stands_first(acme):
    one = acme(periods=["2026-10"], period_start="2026-10-15", period_end="2026-11-15")

    assert billing_periods(one.account()) == (span("2026-10-15", "2026-11-15"),)


@pytest.mark.parametrize(
    ("parts", "most", "given"),
    [
        (["2.00", "1.00"], "3.00", ["2.00", "1.00"]),
        (["2.00", "1.00"], "9.00", ["2.00", "1.00"]),
        (["2.00", "1.00"], "0.00", ["0.00", "0.00"]),
        (["1.00", "1.00", "1.00"], "1.00", ["0.34", "0.33", "0.33"]),
        ([], "1.00", []),
    ],
)
def test_what_is_shared_adds_up_to_the_cent(parts, most, given):
    shares = allocated([Decimal(part) for part in parts], Decimal(most))

    assert shares == tuple(Decimal(one) for one in given)


def test_halves_round_up():
    assert [half_up(n, 2) for n in (0, 1, 2, 3)] == [0, 1, 1, 2]
