"""What a usual month is, when months are missing, and who is asked then."""

from decimal import Decimal

import pytest

from audit.errors import InputError
from audit.refunds import Verdict


def test_three_known_months_need_nobody(acme, rule):
    decision = acme().usual(1_000_000).month("2026-10", 3_000_000).decide()

    found = rule(decision, "baseline_of_three_months")
    assert found.verdict is Verdict.YES
    assert found.value == "billing periods, 2026-07-01 to 2026-09-30"


def test_a_month_with_an_unknown_day_is_not_taken_for_one_with_less_usage(acme, rule):
    one = acme().usual(1_000_000).month("2026-10", 3_000_000)
    del one.days["1", "2026-08-15", "event_count_in_period"]
    decision = one.decide()

    assert decision.parts[0].amount.baseline.units == 1_000_000  # July and September
    found = rule(decision, "baseline_of_three_months")
    assert found.verdict is Verdict.CONFIRM
    assert "known only: product_analytics 2 of 3" in found.value


def test_what_the_vendor_billed_stands_in_for_days_that_are_unknown(acme, rule):
    one = acme().usual(1_000_000).month("2026-10", 3_000_000)
    del one.days["1", "2026-08-15", "event_count_in_period"]
    decision = one.billed("2026-08", "product_analytics", quantity=4_000_000).decide()

    assert decision.parts[0].amount.baseline.units == 2_000_000
    assert rule(decision, "baseline_of_three_months").verdict is Verdict.YES


def test_months_before_the_organization_existed_are_no_months_of_zero(acme, rule):
    one = acme(created_at="2026-08-20").month("2026-09", 1_000_000).month("2026-10", 3_000_000)
    decision = one.decide()

    assert decision.parts[0].amount.baseline.units == 1_000_000
    assert rule(decision, "baseline_of_three_months").verdict is Verdict.CONFIRM


def test_without_any_month_there_is_no_amount_and_no_pass(acme, rule):
    decision = acme(created_at="2026-10-01").month("2026-10", 3_000_000).decide()

    assert (decision.refund, decision.most) == (None, None)
    assert rule(decision, "something_to_give_back").verdict is Verdict.CONFIRM
    assert decision.verdict is Verdict.CONFIRM


def test_a_typed_baseline_wins(acme, rule):
    one = acme(created_at="2026-10-01").month("2026-10", 3_000_000)
    decision = one.decide(baseline={"events": 2_000_000})

    assert decision.refund == Decimal("34.30")  # the third million
    assert "typed: product_analytics" in rule(decision, "baseline_of_three_months").value


def test_an_unknown_day_of_the_incident_is_for_a_person(acme, rule):
    one = acme().usual(1_000_000).month("2026-10", 3_000_000)
    del one.days["1", "2026-10-15", "event_count_in_period"]

    found = rule(one.decide(), "every_day_is_known")
    assert (found.value, found.verdict) == ("30 of 31 days", Verdict.CONFIRM)


@pytest.mark.parametrize(
    ("totals", "verdict"),
    [
        (("50.00", "50.00"), Verdict.YES),
        (("60.00", "40.00"), Verdict.YES),  # their mean
        (("62.50", "62.50"), Verdict.YES),  # 50 is 20% below 62.50
        (("62.51", "62.51"), Verdict.CONFIRM),
        (("50.00",), Verdict.CONFIRM),  # one is not two
        ((), Verdict.CONFIRM),
    ],
)
def test_the_baseline_is_held_against_the_last_two_paid_invoices(acme, rule, totals, verdict):
    # A month of 2,000,000 events costs 50.00.
    one = acme().usual(2_000_000).month("2026-10", 9_000_000)
    for month, total in zip(("2026-09", "2026-08"), totals, strict=False):
        one.invoice(month, total)

    assert rule(one.decide(), "baseline_agrees_with_invoices").verdict is verdict


@pytest.mark.parametrize(("billed", "verdict"), [("84.30", "yes"), ("60", "a person must confirm")])
def test_our_price_of_the_period_is_held_against_what_was_billed(acme, rule, billed, verdict):
    one = acme().usual(1_000_000).month("2026-10", 3_000_000)
    one.billed("2026-10", "product_analytics", quantity=3_000_000, amount_usd=billed)

    assert rule(one.decide(), "our_price_agrees_with_the_bill").verdict == verdict


def test_an_open_period_is_held_to_what_it_will_cost_at_the_baseline(acme):
    # As of 16 October: 15 days with 3,000,000 on the first, then the other 16 days at the usual
    # 3,100,000 / 31 = 100,000. Overage 3,000,000 - 100,000 = 2,900,000.
    one = acme("2026-10-16").usual(3_100_000)
    for day in range(1, 16):
        one.day(f"2026-10-{day:02d}", 3_000_000 if day == 1 else 100_000)
    decision = one.decide("2026-10-01", "2026-10-01")

    # (3,000,000 + 14 x 100,000 + 16 x 100,000) = 6,000,000: 50 + 4,000,000 x 0.0000343 = 187.20
    assert decision.parts[0].amount.charged == Decimal("187.20")
    assert decision.refund == Decimal("99.47")  # 2,900,000 x 0.0000343


@pytest.mark.parametrize(
    ("days", "says"),
    [
        (("2026-10-05", "2026-10-04"), "ends on 2026-10-04, before it starts"),
        (("2026-10-05", "2026-11-01"), "usage is known up to 2026-10-31"),
        (("2026-01-01", "2026-10-01"), "an incident has at most 92"),
    ],
)
def test_days_that_are_no_incident_are_refused(acme, days, says):
    with pytest.raises(InputError, match=says):
        acme().usual(1_000_000).month("2026-10", 3_000_000).decide(*days)


def test_an_unknown_product_is_refused_with_the_nearest(acme):
    one = acme().usual(1_000_000).month("2026-10", 3_000_000)

    with pytest.raises(InputError, match="Did you mean product_analytics"):
        one.decide("2026-10-01", "2026-10-31", "product_analitics")


def test_a_fixed_fee_cannot_spike(acme):
    one = acme().subscription("boost").usual(1_000_000).month("2026-10", 3_000_000)

    with pytest.raises(InputError, match="fixed fee and cannot spike"):
        one.decide("2026-10-01", "2026-10-31", "boost")


def test_without_a_product_all_that_spiked_are_meant(acme):
    one = acme().usual(1_000_000).month("2026-10", 3_000_001)
    one.usual(1_000, meter="recording_count_in_period")
    one.month("2026-10", 2_999, meter="recording_count_in_period")

    parts = one.decide_spiked().parts
    assert {part.amount.product for part in parts} == {"product_analytics"}


def test_the_looser_reading_finds_more(acme):
    one = acme().usual(1_000_000).month("2026-10", 2_000_001)

    assert len(one.decide_spiked(spike_percent=100).parts) == 1


def test_where_nothing_spiked_the_highest_are_named(acme):
    one = acme().usual(1_000_000).month("2026-10", 3_000_000)

    with pytest.raises(InputError, match=r"above 3 times .* product_analytics 3.00 times"):
        one.decide_spiked()


def test_where_no_baseline_is_known_it_says_so(acme):
    one = acme(created_at="2026-10-01").month("2026-10", 3_000_000)

    with pytest.raises(InputError, match=r"No baseline is known of .*product_analytics"):
        one.decide_spiked()
