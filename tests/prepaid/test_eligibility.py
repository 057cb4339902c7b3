"""Self-serve credit, rule by rule: true, false or not known; unknown is not a no."""

import math

import pytest

from audit.prepaid import PlanState, Terms, eligibility, plan_state, stack

YES = {
    "paid_invoices": 3,
    "mean_paid_invoice_usd": 280.0,
    "open_invoices": 0,
    "on_startup_plan": False,
    "has_legacy_plan": False,
    "has_credit": False,
    "has_prepaid_plan": False,
}


def test_an_account_that_meets_every_rule_may_buy(levers):
    found = eligibility(levers, YES)

    assert found.holds is True
    assert found.in_words == "The account may buy self-serve credit."


@pytest.mark.parametrize(
    ("fact", "value"),
    [
        ("paid_invoices", 2),
        ("mean_paid_invoice_usd", 279.99),
        ("open_invoices", 1),
        ("on_startup_plan", True),
        ("has_legacy_plan", True),
        ("has_credit", True),
        ("has_prepaid_plan", True),
    ],
)
def test_one_rule_that_is_not_met_is_a_no(levers, fact, value):
    found = eligibility(levers, YES | {fact: value})

    assert found.holds is False
    assert [one.holds for one in found.claims].count(False) == 1
    assert found.in_words.startswith("The account may not buy self-serve credit. Not met: ")


@pytest.mark.parametrize("fact", list(YES))
@pytest.mark.parametrize("unknown", [None, math.nan, "absent"])
def test_a_fact_that_is_not_known_leaves_the_answer_open(levers, fact, unknown):
    facts = YES | {fact: unknown}
    if unknown == "absent":
        del facts[fact]

    found = eligibility(levers, facts)
    assert found.holds is None
    assert "not known" in found.in_words


def test_a_no_weighs_more_than_what_is_not_known(levers):
    assert eligibility(levers, {"open_invoices": 1}).holds is False
    assert eligibility(levers, {"has_credit": True, "has_prepaid_plan": None}).holds is False


@pytest.mark.parametrize(
    ("facts", "had_plan", "state"),
    [
        (YES, None, PlanState.MONTHLY),
        (YES, True, PlanState.ROLLED_OFF),
        (YES | {"on_startup_plan": True}, None, PlanState.STARTUP),
        (YES | {"has_prepaid_plan": True}, None, PlanState.ACTIVE_CREDIT),
        (YES | {"has_credit": True}, None, PlanState.ACTIVE_CREDIT),
        ({}, None, PlanState.UNKNOWN),
    ],
)
def test_the_gate_asks_what_the_account_pays_by_today(facts, had_plan, state):
    assert plan_state(facts, had_plan=had_plan) is state
    assert plan_state(facts, had_plan=had_plan).in_words


def test_a_re_entry_is_told_that_nothing_is_pending(levers):
    assert "without points" in PlanState.ROLLED_OFF.in_words
    assert stack(levers, 25_000, Terms(is_re_entry=True)).in_words == "20% volume"
