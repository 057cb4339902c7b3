"""What a plan saves: laws of the money, and each assumption worked by hand."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from audit.checks import load_checks
from audit.errors import InputError
from audit.policy import load_policy
from audit.prepaid import Assumptions, Terms, rules_of
from audit.prepaid.choices import Choice, Deal
from audit.prepaid.levers import ONE_YEAR
from audit.prepaid.orders import Kind, self_serve_order
from audit.prepaid.recourse import expansions, topped_up

LEVERS = rules_of(load_policy("2026-11", load_checks()))
MONTH = st.one_of(st.just(0.0), st.floats(0, 10_000))
YEARS = st.lists(st.lists(MONTH, min_size=12, max_size=12), min_size=1, max_size=5)
CREDIT = st.floats(25_000, 900_000)


def level(month):
    return [float(month)] * 12


def test_a_filled_plan_saves_its_discount(bought, levers):
    # 2,500 a month: 30,000 of credit at 20% cost 24,000.
    paid = bought(levers, level(2_500), 30_000)

    assert paid.saving[0] == pytest.approx(6_000)
    assert paid.cash[0] == pytest.approx(24_000)


def test_at_eighty_percent_use_a_plan_at_twenty_percent_saves_nothing(bought, levers):
    assert bought(levers, level(2_000), 30_000).saving[0] == pytest.approx(0)
    assert bought(levers, level(1_999), 30_000).saving[0] == pytest.approx(-12)
    assert bought(levers, level(2_001), 30_000).saving[0] == pytest.approx(12)


def test_usage_beyond_the_credit_costs_its_list_price(bought, levers):
    # 3,000 a month against 30,000 of credit: 24,000 and 6,000 at the list; without a plan 36,000.
    paid = bought(levers, level(3_000), 30_000)

    assert paid.cash[0] == pytest.approx(30_000)
    assert paid.overage[0] == pytest.approx(6_000)
    assert paid.saving[0] == pytest.approx(6_000)


def test_an_old_discount_on_the_months_can_beat_a_plan(bought, levers):
    # 30% off the months: 21,000 a year; 30,000 of credit at 20% cost 24,000.
    paid = bought(levers, level(2_500), 30_000, by_month=[level(1_750)])

    assert paid.saving[0] == pytest.approx(-3_000)


def test_nothing_of_a_renewal_is_counted_by_default(bought, levers):
    assert bought(levers, level(1_000), 30_000).saving[0] == pytest.approx(12_000 - 24_000)


def test_a_likely_renewal_keeps_half_of_what_is_left(bought, levers):
    # 18,000 left, half of it kept, worth 80 cents a dollar, if renewed: .7 x 9,000 x .8 = 5,040.
    paid = bought(levers, level(1_000), 30_000, renewal_percent=70)

    assert paid.saving[0] == pytest.approx(-12_000 + 5_040)


@pytest.mark.parametrize(
    ("reading", "kept"),
    [("stricter", 9_000), ("remaining", 9_000), ("original", 15_000), ("", 9_000)],
)
def test_either_reading_of_the_roll_over_can_be_asked_for(bought, levers, reading, kept):
    # 18,000 of 30,000 left: half of that is 9,000, half of the first order 15,000.
    paid = bought(levers, level(1_000), 30_000, renewal_percent=100, rollover_reading=reading)

    assert paid.saving[0] == pytest.approx(-12_000 + 0.8 * kept)


def test_self_serve_credit_rolls_over_into_nothing(bought, levers):
    def saving(renewal):
        return bought(levers, level(500), 12_000, how="self_serve", renewal_percent=renewal).saving[
            0
        ]

    assert saving(100) == saving(0) == pytest.approx(6_000 - 10_800)


def test_an_unknown_reading_names_the_known_ones():
    with pytest.raises(InputError, match=r"No reading of the roll-over 'half'.*Known: stricter"):
        Assumptions(rollover_reading="half")


def test_a_sure_renewal_covers_the_last_months_only(bought, levers):
    # Credit 30,000. 2,850 a month: 28,500 after ten months, so it runs out in the eleventh: free.
    # 3,050 a month: 30,500 after ten: it runs out in the tenth and all overage is billed.
    late = bought(levers, level(2_850), 30_000, renewal_percent=100)
    early = bought(levers, level(3_050), 30_000, renewal_percent=100)

    assert late.cash[0] == pytest.approx(24_000)
    assert early.cash[0] == pytest.approx(24_000 + 6_600)
    assert bought(levers, level(2_850), 30_000).cash[0] == pytest.approx(24_000 + 4_200)


def test_money_paid_at_once_is_dearer_than_money_paid_by_the_month(bought, levers):
    # 10% a year: the months are worth 2,500 x sum(1.1^-(m/12)) on the first day.
    months = sum(2_500 * 1.1 ** (-month / 12) for month in range(1, 13))
    paid = bought(levers, level(2_500), 30_000, discount_rate_percent=10)

    assert paid.saving[0] == pytest.approx(months - 24_000)
    assert paid.saving[0] == pytest.approx(4_501.22, abs=0.01)


def test_paying_two_years_at_once_costs_the_time_of_the_second(bought, levers):
    # 25.5% off: 22,350 a year; the second is paid a year early: 22,350 x (1 - 1/1.1) / 2 a year.
    terms = Terms(years=2, paid_upfront=True)
    months = sum(2_500 * 1.1 ** (-month / 12) for month in range(1, 13))
    paid = bought(levers, level(2_500), 30_000, terms=terms, discount_rate_percent=10)

    assert paid.saving[0] == pytest.approx(months - 22_350 - 22_350 * (1 - 1 / 1.1) / 2)


def test_two_free_months_after_the_startup_programme(bought, levers):
    # 30,000 bought at 20% bring 35,000 of credit: 14 months of 2,500, 12 of them in this year.
    terms = Terms(startup_roll_off=True)

    assert bought(levers, level(2_500), 30_000, terms=terms).unused[0] == pytest.approx(5_000)
    assert bought(levers, level(35_000 / 12), 30_000, terms=terms).saving[0] == pytest.approx(
        11_000
    )


@settings(max_examples=60, deadline=None)
@given(YEARS, CREDIT)
def test_a_plan_saves_at_most_its_discount_and_loses_at_most_its_price(years, credit):
    usage = np.asfortranarray(years)
    paid = price(usage, credit)

    discount = percent(credit) / 100
    assert (paid.saving <= discount * credit + 1e-6).all()
    assert (paid.saving >= -(1 - discount) * credit - 1e-6).all()
    assert paid.cash == pytest.approx((1 - discount) * credit + paid.overage)


@settings(max_examples=60, deadline=None)
@given(YEARS, CREDIT, st.floats(0, 500), st.integers(0, 11))
def test_more_usage_never_saves_less(years, credit, more, month):
    usage = np.asfortranarray(years)
    used = usage.copy()
    used[:, month] += more

    assert (price(used, credit).saving >= price(usage, credit).saving - 1e-6).all()
    assert (dripped(used).saving >= dripped(usage).saving - 1e-6).all()


@settings(max_examples=60, deadline=None)
@given(YEARS, CREDIT, st.floats(0, 100))
def test_a_likelier_renewal_never_saves_less(years, credit, renewal):
    usage = np.asfortranarray(years)

    assert (price(usage, credit, renewal).saving >= price(usage, credit).saving - 1e-6).all()


@settings(max_examples=40, deadline=None)
@given(YEARS, st.floats(25_000, 200_000))
def test_cash_of_a_topped_up_plan_is_both_purchases_and_the_overage(years, credit):
    usage = np.asfortranarray(years)
    cost = credit * (1 - percent(credit) / 100)
    choices = expansions(Deal(LEVERS, ONE_YEAR, Assumptions()).offers, percent(credit))

    found = topped_up(
        LEVERS,
        Assumptions(),
        usage,
        usage,
        credit_usd=credit,
        price_usd=cost,
        worth_of_price=cost,
        choices=choices,
    )

    total = credit + found.bought_usd
    used = total - found.paid.unused
    assert used + found.paid.overage == pytest.approx(usage.sum(axis=1), abs=1e-4)
    assert found.paid.saving == pytest.approx(usage.sum(axis=1) - found.paid.cash, abs=1e-4)
    assert (found.bought_usd >= 0).all()
    assert (found.paid.unused >= -1e-6).all()


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("growth_percent", -100.1, "usage cannot fall by more than all of it"),
        ("growth_percent", float("nan"), "outside -100"),
        ("renewal_percent", 101, "outside 0 to 100"),
        ("renewal_percent", float("nan"), "outside 0 to 100"),
        ("discount_rate_percent", -1, "outside 0 to 100"),
        ("most_loss_percent", 200, "outside 0 to 100"),
        ("least_history_days", -1, "outside 0 to 3660"),
    ],
)
def test_an_assumption_outside_its_range_is_refused(name, value, said):
    with pytest.raises(InputError, match=said):
        Assumptions(**{name: value})


def percent(credit):
    bands = [(25_000, 20), (60_000, 25), (100_000, 30), (250_000, 35), (500_000, 40)]
    return max(p for start, p in bands if credit >= start)


def price(usage, credit, renewal=0.0):
    deal = Deal(LEVERS, ONE_YEAR, Assumptions(renewal_percent=renewal))
    from audit.prepaid.levers import step_of
    from audit.prepaid.orders import contract_order

    order = contract_order(LEVERS, ONE_YEAR, deal.assumptions, credit, step_of(deal.offers, credit))
    return deal.evaluated(Choice("it", "It", Kind.CONTRACT, order), usage, usage)


def dripped(usage, credit=12_000.0):
    order = self_serve_order(LEVERS, ONE_YEAR, credit)
    deal = Deal(LEVERS, ONE_YEAR, Assumptions())
    return deal.evaluated(Choice("it", "It", Kind.SELF_SERVE, order), usage, usage)
