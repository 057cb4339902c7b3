"""price(baseline + overage) - price(baseline): worked by hand, a case a test."""

import tomllib
from decimal import Decimal
from pathlib import Path

import pytest

from audit.refunds import Scenario

BILLS = Path(__file__).parents[1] / "bills"
IDENTIFIED = "enhanced_persons_event_count_in_period"

# Product analytics: 1,000,000 free, the second million 50.00, then 0.0000343 up to 15,000,000.


def only(decision):
    (part,) = decision.parts
    return part


def test_the_example_of_the_refund_page(acme):
    # 1,000,000 a month, 3,000,000 in the spike: price(3M) - price(1M) = 50 + 34.30 - 0.
    known = tomllib.loads((BILLS / "refund_2m_overage.toml").read_text())
    decision = acme().usual(1_000_000).month("2026-10", 3_000_000).decide()

    part = only(decision)
    assert part.amount.overage == 2_000_000
    assert part.amount.baseline.units == 1_000_000
    assert decision.refund == part.amount.difference == Decimal(known["total"]) == Decimal("84.30")


def test_the_overage_is_never_priced_alone(acme):
    # The overage alone, 2,000,000, would be 50.00: the free million a second time.
    decision = acme().usual(2_000_000).month("2026-10", 4_000_000).decide()

    # price(4M) - price(2M) = 50 + 68.60 - 50
    assert decision.refund == Decimal("68.60")


@pytest.mark.parametrize(
    ("spike", "refund"),
    [
        (1_000_000, "0.00"),
        (1_000_001, "0.00"),  # 0.00005 rounds to nothing
        (1_000_100, "0.01"),  # 0.005, half up
        (1_999_999, "50.00"),  # 49.99995
        (2_000_000, "50.00"),
        (2_000_001, "50.00"),  # 50.0000343
        (15_000_000, "495.90"),  # 50 + 13,000,000 x 0.0000343 = 50 + 445.90
        (15_000_400, "495.91"),  # 495.90 + 400 x 0.0000295 = 495.9118
    ],
)
def test_at_every_edge_of_the_tiers(acme, spike, refund):
    assert acme().usual(1_000_000).month("2026-10", spike).decide().refund == Decimal(refund)


def test_the_baseline_is_the_mean_of_three_months(acme):
    # (1,000,000 + 2,000,000 + 3,000,001) / 3 = 2,000,000.33
    decision = acme().usual(1_000_000, 2_000_000, 3_000_001).month("2026-10", 4_000_000).decide()

    assert only(decision).amount.baseline.units == 2_000_000
    assert only(decision).amount.overage == 2_000_000


def test_usage_below_the_baseline_gives_nothing_back(acme):
    decision = acme().usual(4_000_000).month("2026-10", 1_000_000).decide()

    assert (only(decision).amount.overage, decision.refund) == (0, Decimal("0.00"))


def test_a_spike_of_three_days_is_held_against_three_days_of_a_usual_month(acme):
    # Usual: 3,100,000 x 3 / 31 = 300,000 in three days. October runs at 100,000 a day, the three
    # days have 1,000,000 more each. Overage 3,000,000; price(6.1M) - price(3.1M) = 3M x 0.0000343.
    one = acme().usual(3_100_000).month("2026-10", 3_100_000)
    for day in ("2026-10-10", "2026-10-11", "2026-10-12"):
        one.day(day, 1_000_000)
    decision = one.decide("2026-10-10", "2026-10-12")

    amount = only(decision).amount
    assert (amount.used.quantity, amount.usual, amount.overage) == (3_300_000, 300_000, 3_000_000)
    assert decision.refund == Decimal("102.90")


def test_every_meter_an_event_is_billed_on_gets_its_own_line(acme):
    one = acme().subscription("group_analytics")
    for meter, usual, spike in (
        ("event_count_in_period", 2_000_000, 5_000_000),
        (IDENTIFIED, 1_000_000, 3_000_000),
        ("group_analytics", 1_000_000, 3_000_000),
    ):
        one.usual(usual, meter=meter).month("2026-10", spike, meter=meter)
    decision = one.decide()

    # events: 3,000,000 x 0.0000343 = 102.90
    # profiles: 1,000,000 x 0.000198 + 1,000,000 x 0.0000697 = 198 + 69.70
    # groups: 1,000,000 x 0.000071 + 1,000,000 x 0.00003 = 71 + 30
    assert {part.amount.product: part.refund for part in decision.parts} == {
        "product_analytics": Decimal("102.90"),
        "enhanced_persons": Decimal("267.70"),
        "group_analytics": Decimal("101.00"),
    }
    assert decision.refund == Decimal("471.60")


def test_group_analytics_without_a_counter_bills_every_identified_event(acme):
    one = acme().subscription("group_analytics")
    one.usual(1_000_000, meter=IDENTIFIED).month("2026-10", 2_000_000, meter=IDENTIFIED)
    decision = one.decide("2026-10-01", "2026-10-31", "group_analytics")

    # The second million at 0.000071.
    assert only(decision).amount.used.source == "usage_daily of enhanced_persons, billed again"
    assert decision.refund == Decimal("71.00")


def test_person_profiles_are_no_copy_of_all_events(acme):
    one = acme().subscription("enhanced_persons").usual(1_000_000).month("2026-10", 3_000_000)
    decision = one.decide("2026-10-01", "2026-10-31", "enhanced_persons")

    assert only(decision).amount.used.quantity is None
    assert decision.refund is None


def test_the_accounts_own_prices_win(acme):
    free = '{"up_to": 1000000, "unit_amount_usd": "0"}'
    paid = '{"up_to": null, "unit_amount_usd": "0.00004"}'
    one = acme().subscription("product_analytics", tiers=f"[{free}, {paid}]")
    decision = one.usual(1_000_000).month("2026-10", 3_000_000).decide()

    assert decision.refund == Decimal("80.00")  # 2,000,000 x 0.00004


def test_own_prices_that_cannot_be_read_are_not_replaced_by_public_ones(acme):
    one = acme().subscription("product_analytics", tiers='[{"up_to": 5, "unit_amount_usd": "0"}]')
    decision = one.usual(1_000_000).month("2026-10", 3_000_000).decide()

    assert decision.refund is None
    assert "own prices of 'product_analytics' cannot be read" in only(decision).amount.unknown


def test_the_price_is_that_of_the_day_the_period_began(acme):
    # Before 2024-08-01 no price is public (the list of April 2024 is not known).
    one = acme("2024-06-01", periods=())
    for month in ("2024-02", "2024-03", "2024-04"):
        one.month(month, 1_000_000)
    decision = one.month("2024-05", 3_000_000).decide("2024-05-01", "2024-05-30")

    assert "No price for 'product_analytics' on 2024-05-01" in only(decision).amount.unknown


def test_a_billing_limit_holds_both_bills(acme):
    # price(3M) = 84.30 is held to 60; price(1M) = 0.
    one = acme().limit("product_analytics", "60").usual(1_000_000).month("2026-10", 3_000_000)
    assert one.decide().refund == Decimal("60.00")

    # Both are above a limit of 40: the spike cost nothing.
    same = acme().limit("product_analytics", "40").usual(2_000_000).month("2026-10", 3_000_000)
    assert same.decide().refund == Decimal("0.00")


def test_a_percentage_discount_is_taken_off_both_bills(acme):
    # 84.30 less 20 percent = 67.44
    one = acme(discount_percent="20").usual(1_000_000).month("2026-10", 3_000_000)

    assert one.decide().refund == Decimal("67.44")


def test_a_limit_is_on_what_is_paid_after_the_percentage(acme):
    # At 20 percent off, 40 USD of limit are 50 USD of usage: 50 less 20 percent = 40.
    one = acme(discount_percent="20").limit("product_analytics", "40")

    decision = one.usual(1_000_000).month("2026-10", 3_000_000).decide()

    assert decision.refund == Decimal("40.00")


def test_an_amount_discount_never_makes_the_refund_larger_than_the_bill(acme):
    # The bill of October is 84.30 - 30 = 54.30; a usual month is 0 anyway.
    one = acme(discount_amount_usd="30").usual(1_000_000).month("2026-10", 3_000_000)

    assert one.decide().refund == Decimal("54.30")


def test_an_amount_discount_that_ran_out_takes_nothing_off(acme):
    one = acme(discount_amount_usd="30", discount_expires_at="2026-09-30")

    assert one.usual(1_000_000).month("2026-10", 3_000_000).decide().refund == Decimal("84.30")


def test_who_has_no_paid_plan_gets_nothing_back(acme):
    one = acme(subscription_level="free").usual(1_000_000).month("2026-10", 3_000_000)

    assert one.decide().refund == Decimal("0.00")


def test_a_refund_is_never_more_than_the_product_cost_in_the_period(acme):
    # A day of 1,500,000 in an else silent October: overage 1,500,000 - 1,000,000 / 31 = 1,467,742.
    # price(2,467,742) = 50 + 467,742 x 0.0000343 = 66.04, but October cost price(1.5M) = 25.
    one = acme().usual(1_000_000).month("2026-10", 0).day("2026-10-10", 1_500_000)
    decision = one.decide("2026-10-10", "2026-10-10")

    amount = only(decision).amount
    assert (amount.difference, amount.charged) == (Decimal("66.04"), Decimal("25.00"))
    assert (decision.refund, amount.is_capped) == (Decimal("25.00"), True)


def test_what_the_vendor_billed_wins_over_our_price_of_the_period(acme):
    one = acme().usual(1_000_000).month("2026-10", 3_000_000)
    one.billed("2026-10", "product_analytics", quantity=3_000_000, amount_usd="70")
    decision = one.decide()

    assert only(decision).amount.charged_basis == "actual"
    assert decision.refund == Decimal("70.00")


def test_a_refund_is_never_more_than_is_left_of_the_invoice(acme):
    one = acme().usual(1_000_000).month("2026-10", 3_000_000)
    decision = one.invoice("2026-10", "84.30", credited_usd="60").decide()

    assert decision.refund == Decimal("24.30")
    assert decision.case.bills[0].basis == "actual"


def test_an_invoice_with_too_little_left_is_shared_in_proportion(acme):
    one = acme().usual(1_000_000).month("2026-10", 3_000_000)
    one.usual(1_000_000, meter=IDENTIFIED).month("2026-10", 2_000_000, meter=IDENTIFIED)
    decision = one.invoice("2026-10", "282.30", credited_usd="182.30").decide()

    # 84.30 and 198.00 of 282.30, to share 100: 29.861... and 70.138...
    assert [part.refund for part in decision.parts] == [Decimal("29.86"), Decimal("70.14")]


def test_an_incident_over_two_bills_is_priced_on_each(acme):
    # The free million is granted on each bill: 1,000,000 above a usual 1,000,000 each time is
    # 50.00 twice, not price(3M) - price(1M).
    one = acme(periods=("2026-06", *("2026-07", "2026-08", "2026-09", "2026-10")))
    one.month("2026-06", 1_000_000).month("2026-07", 1_000_000).month("2026-08", 1_000_000)
    one.month("2026-09", 2_000_000).month("2026-10", 2_000_000)
    decision = one.decide("2026-09-01", "2026-10-31")

    assert [str(part.amount.segment.period) for part in decision.parts] == [
        "2026-09-01 to 2026-09-30",
        "2026-10-01 to 2026-10-31",
    ]
    assert [part.amount.difference for part in decision.parts] == [Decimal("50.00")] * 2


def test_logs_are_counted_in_megabytes_and_priced_in_gigabytes(acme):
    # 50 GB are free; 100 GB in the spike: 50 x the first paid price per GB.
    one = acme().usual(50_000, meter="logs_mb_in_period")
    one.month("2026-10", 100_000, meter="logs_mb_in_period")
    decision = one.decide("2026-10-01", "2026-10-31", "logs")

    bill = only(decision).amount.with_overage
    assert bill.lines[0].quantity == 100
    assert decision.refund == bill.total - only(decision).amount.without.total > 0


def test_a_fixed_fee_that_was_never_meant_comes_back_whole(acme):
    one = acme().subscription("boost").usual(1_000_000).month("2026-10", 1_000_000)
    decision = one.decide("2026-10-01", "2026-10-31", "boost", scenario=Scenario.WRONG_SETUP)

    assert decision.refund == Decimal("250.00")
    assert any("pending proration item" in note for note in decision.notes)


def unused_groups(acme, group_events):
    one = acme().subscription("group_analytics").group_events(group_events)
    one.usual(2_000_000).month("2026-10", 2_000_000)
    one.usual(2_000_000, meter="group_analytics")
    return one.month("2026-10", 2_000_000, meter="group_analytics")


def test_an_add_on_that_was_never_used_comes_back_whole(acme, rule):
    one = unused_groups(acme, 0)
    decision = one.decide_spiked(scenario=Scenario.WRONG_SETUP, earlier_refunds=0)

    # Its months before are no baseline: it was never meant. The second million at 0.000071.
    assert only(decision).amount.baseline.units == 0
    assert decision.refund == Decimal("71.00")
    assert rule(decision, "charged_for_what_was_not_meant").verdict == "yes"
    assert decision.scenarios == {Scenario.WRONG_SETUP: "yes"}


def test_an_add_on_that_is_used_is_held_against_its_months_before(acme, rule):
    one = unused_groups(acme, 1)
    decision = one.decide(
        "2026-10-01", "2026-10-31", "group_analytics", scenario=Scenario.WRONG_SETUP
    )

    assert only(decision).amount.baseline.units == 2_000_000
    assert rule(decision, "charged_for_what_was_not_meant").verdict == "a person must confirm"


def test_two_reports_of_one_day_are_counted_once(acme):
    one = acme().usual(1_000_000).month("2026-10", 3_000_000)
    one.repeated = True

    assert one.decide().refund == Decimal("84.30")
