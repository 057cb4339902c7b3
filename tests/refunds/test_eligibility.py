"""The rules of every request: what passes, what refuses, and what nobody may assume."""

from datetime import date
from decimal import Decimal

import pytest

from audit.refunds import Scenario, Verdict

YES, NO, CONFIRM = Verdict.YES, Verdict.NO, Verdict.CONFIRM

KNOWN = {
    "scenario": Scenario.UNEXPECTED_STARDOM,
    "explanation": "a post went around",
    "signs_of_abuse": False,
    "ceased": True,
    "measures_taken": True,
    "no_revenue": True,
    "earlier_refunds": 0,
}


@pytest.fixture
def spike(acme):
    """1,000,000 events a month, 4,000,000 in October, and paid invoices of what that costs."""

    def build(**organization):
        one = acme(**organization).usual(2_000_000).month("2026-10", 8_000_000)
        for month in ("2026-07", "2026-08", "2026-09"):
            one.invoice(month, "50.00")
        return one

    return build


def test_a_request_that_is_wholly_known_is_eligible(spike):
    decision = spike().invoice("2026-10", "255.80").decide(**KNOWN)

    assert [r.name for r in decision.rules if r.kind != "escalation" and r.verdict != YES] == [
        "first_bill"
    ]
    assert decision.verdict is YES
    assert decision.refund == decision.most == Decimal("205.80")  # 6,000,000 x 0.0000343
    assert decision.escalate is NO


@pytest.mark.parametrize("unknown", sorted(set(KNOWN) - {"scenario"}))
def test_whatever_is_not_known_is_for_a_person(spike, unknown):
    one = spike().invoice("2026-10", "255.80")
    one.days.pop(("1", "2026-10-31", "event_count_in_period"))
    known = {**KNOWN, unknown: "" if unknown == "explanation" else None}

    assert one.decide("2026-10-01", "2026-10-30", **known).verdict is CONFIRM


@pytest.mark.parametrize(
    ("change", "rule_name"),
    [
        ({"signs_of_abuse": True}, "no_signs_of_abuse"),
        ({"ceased": False}, "usage_has_ceased"),
        ({"measures_taken": False}, "measures_taken"),
        ({"no_revenue": False}, "no_revenue_or_hobby"),
    ],
)
def test_one_no_refuses_the_request(spike, rule, change, rule_name):
    decision = spike().invoice("2026-10", "255.80").decide(**{**KNOWN, **change})

    assert rule(decision, rule_name).verdict is NO
    assert decision.verdict is NO


@pytest.mark.parametrize(
    ("asked", "verdict"),
    [("2026-11-03", YES), ("2026-12-02", YES), ("2026-12-03", YES), ("2026-12-04", NO)],
)
def test_the_window_is_thirty_days_of_the_billing_date(spike, rule, asked, verdict):
    one = spike().invoice("2026-10", "255.80", issued_at="2026-11-03")
    decision = one.decide(**KNOWN, request_day=date.fromisoformat(asked))

    assert rule(decision, "request_window").verdict is verdict
    assert (decision.refund == 0) == (verdict is NO)


def test_a_bill_that_is_not_made_yet_is_in_time(spike, rule):
    one = spike(as_of="2026-10-20")
    decision = one.decide("2026-10-01", "2026-10-10", **KNOWN)

    found = rule(decision, "request_window")
    assert found.verdict is YES
    assert found.value == "not billed yet on 2026-10-20, billed on 2026-11-01"


def test_without_invoice_and_period_the_window_is_for_a_person(acme, rule):
    decision = acme(periods=()).usual(1_000_000).month("2026-10", 3_000_000).decide()

    assert rule(decision, "request_window").verdict is CONFIRM


def test_of_two_bills_only_the_one_in_time_is_given_back(acme):
    one = acme(periods=("2026-06", "2026-07", "2026-08", "2026-09", "2026-10"))
    one.month("2026-06", 1_000_000).usual(1_000_000, 1_000_000, 2_000_000)
    one.month("2026-10", 2_000_000)
    decision = one.decide("2026-09-01", "2026-10-31", request_day=date(2026, 11, 5))

    # September was billed on 1 October, 35 days before.
    assert [part.refund for part in decision.parts] == [Decimal("0.00"), Decimal("50.00")]


@pytest.mark.parametrize(
    ("after", "typed", "verdict"),
    [
        ([100_000] * 3, None, YES),
        ([150_000] * 3, None, YES),
        ([150_001] * 3, None, CONFIRM),
        ([100_000] * 2, None, CONFIRM),  # two days tell nothing
        ([100_000] * 2, True, YES),
        ([900_000] * 3, True, CONFIRM),  # what is typed is not what was used
        ([100_000] * 3, False, NO),
        ([], None, CONFIRM),
    ],
)
def test_usage_has_ceased_when_the_days_after_say_so(acme, rule, after, typed, verdict):
    one = acme(f"2026-10-{6 + len(after):02d}").usual(3_100_000)  # 100,000 a day
    one.day("2026-10-05", 9_000_000)
    for n, quantity in enumerate(after):
        one.day(f"2026-10-{6 + n:02d}", quantity)
    for day in range(1, 5):
        one.day(f"2026-10-{day:02d}", 100_000)
    decision = one.decide(
        "2026-10-05", "2026-10-05", **{**KNOWN, "ceased": typed, "scenario": Scenario.UNDER_ATTACK}
    )

    assert rule(decision, "usage_has_ceased").verdict is verdict


def test_usage_that_went_to_nothing_has_ceased(acme, rule):
    one = acme("2026-10-13").usual(3_100_000).day("2026-10-05", 9_000_000)
    for day in range(6, 13):
        one.day(f"2026-10-{day:02d}", 0)
    decision = one.decide(
        "2026-10-05", "2026-10-05", **{**KNOWN, "ceased": None, "scenario": Scenario.UNDER_ATTACK}
    )

    found = rule(decision, "usage_has_ceased")
    assert (found.verdict, found.value) == (YES, "7 days after it at 0% of the baseline")


def test_a_limit_that_stands_is_shown_and_is_no_measure_taken(spike, rule):
    decision = spike().limit("product_analytics", "900").decide(**{**KNOWN, "measures_taken": None})

    found = rule(decision, "measures_taken")
    assert found.value == "limits today: product_analytics 900.00 USD"
    assert found.verdict is CONFIRM


@pytest.mark.parametrize(
    ("earlier", "fixed", "verdict", "share", "most"),
    [
        (0, None, YES, 100, "205.80"),
        (1, True, YES, 100, "205.80"),
        (1, False, YES, 50, "102.90"),
        (1, None, CONFIRM, 50, "102.90"),
        (2, True, CONFIRM, 100, "205.80"),
        (2, False, CONFIRM, 50, "102.90"),
        (None, None, CONFIRM, 100, "205.80"),
    ],
)
def test_repeated_incidents(spike, rule, earlier, fixed, verdict, share, most):
    known = {**KNOWN, "earlier_refunds": earlier, "fixed_in_good_faith": fixed}
    decision = spike().invoice("2026-10", "255.80").decide(**known)

    assert rule(decision, "repeat_incident").verdict is verdict
    assert decision.settlements[0].share_percent == share
    assert decision.most == Decimal(most)


@pytest.mark.parametrize(("policy", "share"), [("2025-06", 100), ("2026-11", 50)])
def test_mid_2025_a_second_one_could_be_credited_in_full(spike, policy, share):
    known = {**KNOWN, "earlier_refunds": 1, "fixed_in_good_faith": False, "policy": policy}
    decision = spike(as_of="2026-10-20").decide("2026-10-01", "2026-10-10", **known)

    assert decision.settlements[0].instrument == "credit"
    assert decision.settlements[0].share_percent == share


def test_half_of_an_odd_cent_is_not_given(acme):
    # The refund is 84.30 + 0.01; up to 50 percent is 42.15, not 42.16.
    one = acme().usual(1_000_000).month("2026-10", 3_000_300)
    decision = one.decide(earlier_refunds=1, fixed_in_good_faith=False)

    assert (decision.refund, decision.most) == (Decimal("84.31"), Decimal("42.15"))


def test_earlier_refunds_are_read_from_the_crm(spike, rule):
    known = {**KNOWN, "earlier_refunds": None}
    decision = spike().crm(earlier_refunds="1").decide(**known)

    assert rule(decision, "repeat_incident").source.startswith("lifecycle.earlier_refunds")


def test_a_credit_note_proves_a_refund_and_its_absence_no_none(spike, rule):
    known = {**KNOWN, "earlier_refunds": None, "fixed_in_good_faith": True}
    one = spike().invoice("2026-06", "90", credited_usd="20")

    assert rule(one.decide(**known), "repeat_incident").source.startswith("invoices.credited_usd")
    assert rule(spike().decide(**known), "repeat_incident").verdict is CONFIRM


def test_what_is_typed_goes_before_the_crm(spike, rule):
    decision = spike().crm(company_has_revenue="yes", earlier_refunds="3").decide(**KNOWN)

    assert rule(decision, "no_revenue_or_hobby").verdict is YES
    assert rule(decision, "repeat_incident").verdict is YES
