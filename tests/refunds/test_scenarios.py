"""The four scenarios, the reading of "by more than 200 percent", and who decides."""

from decimal import Decimal

import pytest

from audit.refunds import Scenario, Verdict
from audit.refunds.paste import reading

YES, NO, CONFIRM = Verdict.YES, Verdict.NO, Verdict.CONFIRM


@pytest.mark.parametrize(
    ("october", "percent", "times", "verdict"),
    [
        (3_000_000, None, 3, NO),  # three times is no more than three times
        (3_000_001, None, 3, YES),
        (2_000_000, 100, 2, NO),
        (2_000_001, 100, 2, YES),
        (2_000_001, 200, 3, NO),
    ],
)
def test_both_readings_of_more_than_200_percent(acme, rule, october, percent, times, verdict):
    one = acme().usual(1_000_000).month("2026-10", october)
    decision = one.decide(scenario=Scenario.UNEXPECTED_STARDOM, spike_percent=percent)

    assert rule(decision, "usage_spiked").verdict is verdict
    assert f"above {times} times" in reading(decision)
    assert f"above {times} times" in rule(decision, "usage_spiked").threshold


def test_a_short_spike_is_held_against_a_month(acme, rule):
    # One day of 30 times a usual day is 61/31, not 30, times a usual month.
    one = acme().usual(3_100_000).month("2026-10", 3_100_000).day("2026-10-10", 3_000_000)
    decision = one.decide("2026-10-10", "2026-10-10", scenario=Scenario.UNEXPECTED_STARDOM)

    assert rule(decision, "usage_spiked").value == "Product analytics at 1.97 times its usual month"
    assert rule(decision, "usage_spiked").verdict is NO


@pytest.mark.parametrize(
    ("october", "hobby", "verdict"),
    [
        (9_000_000, True, YES),
        (9_000_000, False, NO),
        (9_000_000, None, CONFIRM),
        (2_000_000, True, NO),  # neither spiked nor a first bill
    ],
)
def test_stardom_needs_the_spike_and_no_revenue(acme, october, hobby, verdict):
    one = acme().usual(1_500_000).month("2026-10", october)
    one.invoice("2026-08", "25.00").invoice("2026-09", "25.00")
    decision = one.decide(
        scenario=Scenario.UNEXPECTED_STARDOM, no_revenue=hobby, ceased=True, measures_taken=True
    )

    assert decision.scenarios == {Scenario.UNEXPECTED_STARDOM: verdict}


def test_stardom_holds_for_a_first_bill_without_a_spike(acme):
    one = acme().usual(1_000_000).month("2026-10", 2_000_000)
    decision = one.decide(
        scenario=Scenario.UNEXPECTED_STARDOM, no_revenue=True, ceased=True, measures_taken=True
    )

    assert decision.scenarios == {Scenario.UNEXPECTED_STARDOM: YES}


@pytest.mark.parametrize(
    ("before", "october", "verdict"),
    [
        ("0.00", 2_000_000, YES),
        ("1.00", 2_000_000, YES),  # one dollar is not above one dollar
        ("1.01", 2_000_000, NO),
        ("0.00", 1_020_000, NO),  # this bill is 1.00
        ("0.00", 1_020_200, YES),  # 1.01
    ],
)
def test_the_first_bill_above_a_dollar(acme, rule, before, october, verdict):
    one = acme().usual(900_000).month("2026-10", october).invoice("2026-09", before)
    decision = one.decide(scenario=Scenario.LEARNING_CURVE)

    assert rule(decision, "first_bill").verdict is verdict


def test_invoices_that_were_not_read_tell_no_first_bill(acme, rule):
    one = acme().usual(900_000).month("2026-10", 2_000_000).without("invoices")

    assert rule(one.decide(scenario=Scenario.LEARNING_CURVE), "first_bill").verdict is CONFIRM


def test_one_known_earlier_invoice_is_enough_to_say_no(acme, rule):
    one = acme().usual(900_000).month("2026-10", 2_000_000).without("invoices")

    decision = one.invoice("2026-08", "9.00").decide(scenario=Scenario.LEARNING_CURVE)

    assert rule(decision, "first_bill").verdict is NO


def test_who_did_not_exist_before_the_period_has_its_first_bill(acme, rule):
    one = acme(created_at="2026-10-01").month("2026-10", 2_000_000).without("invoices")

    assert rule(one.decide(scenario=Scenario.LEARNING_CURVE), "first_bill").verdict is YES


def test_the_crm_counts_paid_bills_with_this_one(acme, rule):
    one = acme().usual(900_000).month("2026-10", 2_000_000).without("invoices")
    one.invoice("2026-10", "50.00").crm(paid_nonzero_bills="1")

    assert rule(one.decide(scenario=Scenario.LEARNING_CURVE), "first_bill").verdict is YES


@pytest.mark.parametrize(
    ("ended", "verdict"),
    [
        ("2026-10-01", YES),
        ("2026-07-01", YES),  # 92 days before
        ("2026-06-30", NO),
        ("2026-10-02", NO),  # it ends after the incident began
        ("soon", CONFIRM),
    ],
)
def test_just_off_the_startup_plan(acme, rule, ended, verdict):
    one = acme().usual(900_000).month("2026-10", 2_000_000).crm(startup_plan_end_at=ended)
    decision = one.decide(scenario=Scenario.LEARNING_CURVE)

    assert rule(decision, "just_off_startup_plan").verdict is verdict


@pytest.mark.parametrize(
    ("day", "named", "verdict"),
    [
        (1_000_000, True, YES),  # ten times 100,000
        (999_999, True, CONFIRM),  # no proof of no attack
        (1_000_000, False, CONFIRM),  # nobody took it for one
    ],
)
def test_an_attack_is_a_sudden_jump_that_a_person_takes_for_one(acme, rule, day, named, verdict):
    one = acme("2026-10-11").usual(3_100_000)
    for n in range(1, 11):
        one.day(f"2026-10-{n:02d}", day if n == 10 else 100_000)
    decision = one.decide(
        "2026-10-10", "2026-10-10", scenario=Scenario.UNDER_ATTACK if named else None
    )

    assert rule(decision, "bot_or_abuse").verdict is verdict


def test_an_attack_that_goes_on_is_not_paid_back_yet(acme):
    one = acme().usual(3_100_000).month("2026-10", 90_000_000)
    decision = one.decide(scenario=Scenario.UNDER_ATTACK, ceased=False, measures_taken=True)

    assert decision.scenarios == {Scenario.UNDER_ATTACK: NO}


@pytest.mark.parametrize(("earlier", "verdict"), [(0, YES), (1, NO), (None, CONFIRM)])
def test_a_wrong_setup_is_paid_back_once(acme, rule, earlier, verdict):
    one = acme().usual(1_000_000).month("2026-10", 3_000_000)
    decision = one.decide(scenario=Scenario.WRONG_SETUP, earlier_refunds=earlier)

    assert rule(decision, "first_occurrence").verdict is verdict


def test_a_wrong_setup_does_not_ask_whether_usage_has_ceased(acme):
    one = acme().usual(1_000_000).month("2026-10", 3_000_000)
    decision = one.decide(scenario=Scenario.WRONG_SETUP, earlier_refunds=0)

    assert not {"usage_has_ceased", "measures_taken"} & {r.name for r in decision.rules}


def test_without_a_scenario_each_is_tried_and_one_that_may_fit_is_enough(acme):
    one = acme().usual(1_000_000).month("2026-10", 4_000_000).invoice("2026-09", "9.00")
    decision = one.decide(no_revenue=False, earlier_refunds=1)

    assert decision.scenarios == {
        Scenario.LEARNING_CURVE: CONFIRM,  # the end of a startup plan is not known
        Scenario.UNEXPECTED_STARDOM: NO,
        Scenario.UNDER_ATTACK: CONFIRM,
        Scenario.WRONG_SETUP: NO,
    }
    assert decision.verdict is CONFIRM


@pytest.mark.parametrize(("mrr", "escalate"), [("1666.99", NO), ("1667", YES), ("20,000", YES)])
def test_a_big_customer_is_for_revops(acme, rule, mrr, escalate):
    one = acme().usual(1_000_000).month("2026-10", 3_000_000).crm(mrr_usd=mrr)
    one.invoice("2026-10", "84.30")
    decision = one.decide(
        scenario=Scenario.UNEXPECTED_STARDOM,
        no_revenue=True,
        ceased=True,
        measures_taken=True,
        earlier_refunds=0,
    )

    assert decision.escalate is escalate
    assert rule(decision, "below_the_size_of_revops").kind == "escalation"


def test_size_is_that_of_a_usual_month_and_not_of_the_spike(acme, rule):
    # October costs 84.30 + ...; a usual month of 1,000,000 costs nothing.
    one = acme().usual(1_000_000).month("2026-10", 900_000_000)

    found = rule(one.decide(), "below_the_size_of_revops")
    assert found.value == "0.00 USD a month (estimate, a month at the baseline)"
    assert found.verdict is YES


@pytest.mark.parametrize(
    ("earlier", "status", "escalate"),
    [(1, "paid", NO), (2, "paid", YES), (0, "void", YES), (0, "open", CONFIRM)],
)
def test_multiple_refunds_and_invoices_to_change_are_for_revops(acme, earlier, status, escalate):
    one = acme().usual(1_000_000).month("2026-10", 9_000_000).invoice("2026-10", "290", status)
    decision = one.decide(
        scenario=Scenario.UNEXPECTED_STARDOM,
        no_revenue=True,
        ceased=True,
        measures_taken=True,
        earlier_refunds=earlier,
    )

    assert decision.escalate is escalate


def test_the_amount_of_an_attack_is_all_above_the_usual(acme):
    one = acme().usual(2_000_000).month("2026-10", 22_000_000)

    # 13,000,000 x 0.0000343 + 7,000,000 x 0.0000295
    assert one.decide(scenario=Scenario.UNDER_ATTACK).refund == Decimal("652.40")
