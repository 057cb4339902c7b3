"""The table as Sales uses it, by hand. What is missing is said and not invented."""

from datetime import date
from decimal import Decimal

import pytest

from audit.errors import InputError
from audit.prepaid import Assumptions, Invoice, Terms
from audit.prepaid.choices import Deal
from audit.prepaid.levers import ONE_YEAR
from audit.prepaid.sales_table import sales_table


def invoices(*bills, last=(2026, 10)):
    """Monthly bills, the newest last."""
    newest = 12 * last[0] + last[1] - 1
    months = range(newest - len(bills) + 1, newest + 1)
    return [
        Invoice(date(m // 12, m % 12 + 1, 1), usd) for m, usd in zip(months, bills, strict=True)
    ]


def rows(rules, *, self_serve=True, terms=ONE_YEAR, growth=None, **given):
    deal = Deal(rules, terms, Assumptions(growth_percent=growth), self_serve)
    return {row.name: row for row in sales_table(deal, **given)}


def test_the_floor_is_the_current_month_times_twelve(levers):
    floor = rows(levers, invoices=invoices(2_000, 2_500))["floor"]

    assert floor.pay_as_you_go == Decimal("30000.00")
    assert (floor.cash, floor.saving) == (Decimal("24000.00"), Decimal("6000.00"))
    assert floor.levers == "20% volume; +5% pending written commitment, not counted"


def test_the_base_carries_the_trend_of_five_invoices_on(levers):
    # 1,000 to 1,400, 100 a month more: 1,500 + 1,600 + ... + 2,600 = 24,600.
    base = rows(levers, invoices=invoices(9_999, 1_000, 1_100, 1_200, 1_300, 1_400))["base"]

    assert base.pay_as_you_go == Decimal("24600.00")
    assert base.how == "annual plan"  # 25,000 at 20% for 20,000, below 22,140 at 10%
    assert (base.credit, base.cash) == (Decimal("25000.00"), Decimal("20000.00"))
    assert base.unused == Decimal("400.00")


def test_a_falling_trend_ends_at_nothing_and_not_below(levers):
    # 500 to 100, 100 a month less: the next months are 0.
    assert rows(levers, invoices=invoices(500, 400, 300, 200, 100))["base"].pay_as_you_go == 0


def test_months_without_an_invoice_do_not_bend_the_trend(levers):
    known = invoices(1_000, 1_100, 1_200, 1_300, 1_400, 1_500)
    del known[2]

    # The line is the same: 1,600 + ... + 2,700 = 25,800.
    assert rows(levers, invoices=known)["base"].pay_as_you_go == Decimal("25800.00")


def test_the_bull_grows_the_floor_by_the_year_before(levers):
    # 13 invoices: 3,000 now, 2,000 a year ago: +50% on 36,000.
    bull = rows(levers, invoices=invoices(2_000, *[2_500] * 11, 3_000))["bull"]

    assert bull.pay_as_you_go == Decimal("54000.00")
    assert "+50%" in bull.basis


def test_two_whole_years_are_compared_where_they_are_known(levers):
    # 12 x 1,000, then 12 x 1,200: +20% on 14,400.
    bull = rows(levers, invoices=invoices(*[1_000] * 12, *[1_200] * 12))["bull"]

    assert bull.pay_as_you_go == Decimal("17280.00")
    assert "the last twelve invoices" in bull.basis


def test_missing_history_is_said_and_no_number_is_invented(levers):
    found = rows(levers, invoices=invoices(2_000, 2_100))

    assert found["base"].pay_as_you_go is None
    assert found["base"].basis == "needs 5 invoices, 2 known"
    assert found["bull"].cash is None
    assert "no invoice of a year before" in found["bull"].basis
    assert rows(levers)["floor"].basis == "no invoice is known"
    assert rows(levers)["post_fix_floor"].saving is None


def test_the_current_month_stands_in_for_an_invoice(levers):
    assert rows(levers, current_month_usd=1_000)["floor"].pay_as_you_go == Decimal("12000.00")


def test_after_the_fixes_and_a_shrink_on_top(levers):
    # 2,000 a month after the fixes: 24,000; 20% less: 19,200, which self-serve covers at 10%.
    found = rows(levers, current_month_usd=3_000, fixed_month_usd=2_000)

    assert found["post_fix_floor"].pay_as_you_go == Decimal("24000.00")
    assert found["shrink"].pay_as_you_go == Decimal("19200.00")
    assert found["shrink"].cash == Decimal("17280.00")


def test_own_growth_has_its_own_row_down_to_nothing(levers):
    def grown(percent):
        return rows(levers, current_month_usd=1_000, growth=percent)["growth"].pay_as_you_go

    assert (grown(50), grown(-100)) == (Decimal("18000.00"), Decimal("0.00"))
    assert "growth" not in rows(levers, current_month_usd=1_000)


def test_without_self_serve_a_small_account_stays_monthly(levers):
    floor = rows(levers, self_serve=False, current_month_usd=1_000)["floor"]

    assert (floor.how, floor.saving) == ("pay as you go", Decimal("0.00"))


def test_a_custom_band_is_left_to_sales(levers):
    floor = rows(levers, current_month_usd=100_000)["floor"]

    assert floor.pay_as_you_go == Decimal("1200000.00")
    assert floor.cash is None
    assert floor.levers.startswith("Sales confirms")


def test_levers_stand_in_one_line(levers):
    floor = rows(levers, terms=Terms(years=2, payment_days=45), current_month_usd=3_000)["floor"]

    assert floor.levers == (
        "20% volume + 3% two years - 2.5% payment within 45 days = 20.5%; "
        "+5% pending written commitment, not counted"
    )


def test_a_plan_is_never_dearer_than_the_months(levers, flat, net_spend):
    for rules in (levers, flat, net_spend):
        for month in (0, 100, 1_667, 2_083.33, 5_000, 50_000):
            assert rows(rules, current_month_usd=month)["floor"].saving >= 0


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"invoices": [Invoice(date(2026, 1, 1), float("nan"))]}, "give the sum"),
        (
            {"invoices": [Invoice(date(2026, 1, 1), 1), Invoice(date(2026, 1, 20), 2)]},
            "add them up",
        ),
        ({"current_month_usd": float("inf")}, "give 0 or more"),
        ({"fixed_month_usd": -1}, "give 0 or more"),
    ],
)
def test_bills_that_are_none_are_refused(levers, given, said):
    with pytest.raises(InputError, match=said):
        rows(levers, **given)
