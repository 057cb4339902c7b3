"""Where buying up pays. Oracle: the published break-evens, worked from the bands by hand."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit.checks import load_checks
from audit.policy import load_policy
from audit.prepaid import Terms, break_evens, cheapest, purchases, rules_of
from audit.prepaid.buy_up import needs_sales

LEVERS = rules_of(load_policy("2026-11", load_checks()))


def test_break_evens_are_as_published(levers):
    # (1 - high) / (1 - low) x the least credit: .8/.9 x 25,000 and so on.
    assert [round(one.usage_usd) for one in break_evens(levers)] == [
        22_222,
        56_250,
        93_333,
        232_143,
        461_538,
    ]


def test_break_evens_follow_the_rules_and_are_not_typed(flat):
    # The flat rule: .8/.9 x 20,004.
    assert [one.usage_usd for one in break_evens(flat)] == [pytest.approx(17_781.33, abs=0.01)]


def test_terms_move_the_break_evens(levers):
    # Two years: 23% at 25,000 against 10% without Sales: .77/.9 x 25,000.
    assert break_evens(levers, Terms(years=2))[0].usage_usd == pytest.approx(21_388.89, abs=0.01)


def test_both_sides_of_a_break_even_cost_the_same(levers):
    for one in break_evens(levers):
        low = one.usage_usd * (100 - one.from_percent)
        assert low == pytest.approx(one.credit_usd * (100 - one.to_percent))


@pytest.mark.parametrize(
    ("usage", "how", "credit", "cash"),
    [
        (12_000, "self-serve credit", 12_000, 10_800),
        (20_004, "self-serve credit", 20_004, 18_004),  # not the 20% of a banner; whole dollars
        (22_222, "self-serve credit", 22_222, 20_000),
        (22_223, "annual plan", 25_000, 20_000),
        (30_000, "annual plan", 30_000, 24_000),
        (56_250, "annual plan", 56_250, 45_000),  # the same cash, less credit
        (56_251, "annual plan", 60_000, 45_000),
        (60_000, "annual plan", 60_000, 45_000),
        (120_000, "annual plan", 120_000, 84_000),
    ],
)
def test_the_cheapest_purchase_for_a_certain_usage(levers, usage, how, credit, cash):
    found = cheapest(levers, usage)

    assert (found.how, found.credit_usd) == (how, credit)
    assert found.cash_usd == pytest.approx(cash)
    assert found.unused_usd == pytest.approx(credit - usage)


def test_without_self_serve_the_months_remain(levers):
    assert cheapest(levers, 12_000, with_self_serve=False).how == "pay as you go"


def test_a_custom_band_is_no_purchase(levers):
    assert all(one.credit_usd < 1_000_000 for one in purchases(levers, 1_500_000) if one.stack)
    assert needs_sales(levers, 1_000_000)
    assert not needs_sales(levers, 999_999)


@given(st.floats(0, 990_000))
def test_the_cheapest_is_never_dearer_than_any_other_and_covers_the_usage(usage):
    found = purchases(LEVERS, usage)

    best = cheapest(LEVERS, usage)
    assert all(best.cash_usd <= one.cash_usd for one in found)
    assert all(one.credit_usd >= usage for one in found if one.stack)
    assert 0 <= usage - best.cash_usd <= 0.4 * usage + 0.5  # whole dollars without Sales


@given(st.floats(1, 900_000), st.floats(1, 50_000))
def test_more_usage_never_costs_less(usage, more):
    assert cheapest(LEVERS, usage + more).cash_usd >= cheapest(LEVERS, usage).cash_usd - 1e-6
