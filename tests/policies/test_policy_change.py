"""What another pack changes: rules, findings, and the road to Sales."""

import json
from dataclasses import replace
from decimal import Decimal

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit.account import Account
from audit.checks import Severity, load_checks
from audit.findings.examine import examine
from audit.policy import load_policy
from audit.policy_change import Moved, changes, effect
from audit.queue.handover import CHECK, Handover, decision
from audit.sources.sample import portfolio

CHECKS = load_checks()
SEED, NOW = (load_policy(name, CHECKS) for name in ("2025-06", "2026-11"))


@pytest.fixture(scope="module")
def account():
    tables = portfolio(1).tables
    return Account.from_tables(tables["organizations"]["organization_id"].iloc[0], tables)


@pytest.fixture(scope="module")
def finding(account):
    return examine(account).findings[0]


def test_every_difference_of_two_packs_is_named_once():
    keys = [one.key for one in changes(SEED, NOW)]

    assert len(keys) == len(set(keys))
    assert {"contract.handover_usd", "contract.tiers", "first_payment_large"} <= set(keys)
    assert "sales_handover_ready.monthly_usd" not in keys


def test_there_and_back_are_the_same_changes_turned_round():
    there, back = changes(SEED, NOW), changes(NOW, SEED)

    assert [(one.key, one.after, one.before) for one in there] == [
        (one.key, one.before, one.after) for one in back
    ]


def test_own_thresholds_differ_too_with_their_check():
    own = load_policy("2025-06", CHECKS, {"set_too_often": {"set_percent": 9}})

    (change,) = changes(SEED, own)
    assert (change.key, change.before, change.after) == ("set_too_often.set_percent", 5, 9)


def test_a_silent_side_says_why():
    (change,) = [one for one in changes(SEED, NOW) if one.key == "contract.first_payment_usd"]

    assert change.before is None
    assert change.source_before == "The page asks for a discovery first, whatever the first bill."


@pytest.mark.parametrize(
    ("before", "after", "what"),
    [
        (None, Severity.OPPORTUNITY, "appears"),
        (Severity.OPPORTUNITY, None, "disappears"),
        (Severity.OPPORTUNITY, Severity.NEEDS_ACTION, "rises"),
        (Severity.NEEDS_ACTION, Severity.INFORMATION, "falls"),
        (Severity.OPPORTUNITY, Severity.OPPORTUNITY, "is priced otherwise"),
    ],
)
def test_a_finding_moves_in_one_of_five_ways(finding, before, after, what):
    sides = [s and replace(finding, severity=s) for s in (before, after)]

    assert Moved(*sides).what == what


def test_a_pack_against_itself_changes_nothing(account):
    found = effect(account, "2026-11", "2026-11")

    assert found.moved == ()
    assert found.saving_change == Decimal(0)
    assert found.handover_before == found.handover_after


def test_own_thresholds_hold_under_both_packs(account):
    own = {"autocapture_unread": {"autocapture_percent": 100}}

    found = effect(account, "2025-06", "2026-11", thresholds=json.dumps(own))

    for audit in (found.before, found.after):
        assert not [one for one in audit.findings if one.check == "autocapture_unread"]


FACTS = {
    "lowest_of_1_bills_usd": 1800.0,
    "lowest_of_2_bills_usd": 1700.0,
    "lowest_of_3_bills_usd": 1700.0,
    "recent_bill_1_usd": 1800.0,
    "recent_bill_2_usd": 1700.0,
    "bill_after_fixes_usd": 1750.0,
    "needs_action_findings": 0.0,
    "sales_signs": 0.0,
    "has_prepaid_plan": 0.0,
    "stage_is_churned": 0.0,
}


def decided(policy, *, ready, **facts):
    thresholds = policy.thresholds(CHECKS[CHECK])
    return decision(policy, thresholds, {**FACTS, **facts}, ready=ready)


def test_an_account_that_is_ready_says_what_was_seen():
    assert decided(SEED, ready=True).reasons == (
        "the last 3 bills are above $1,667.00, the lowest $1,700.00 (actual)",
        "the last bill is +6% on the one before",
        "$1,750.00 would be left after all fixes (estimate)",
        "nothing needs action",
    )
    assert decided(SEED, ready=True).segment == "Create AE lead"
    assert decided(NOW, ready=True).reasons[0].startswith("the last 2 bills are above $1,000.00")
    assert decided(NOW, ready=True).segment == "Onboarding referral"


@pytest.mark.parametrize(
    ("facts", "reason"),
    [
        (
            {"lowest_of_3_bills_usd": 1667.0},
            "not all of the last 3 bills are above $1,667.00, the lowest $1,667.00",
        ),
        ({"lowest_of_3_bills_usd": 0.0}, "fewer than 3 bills are known, or one was 0"),
        (
            {"bill_after_fixes_usd": 900.0},
            "$900.00 would be left after all fixes, not above $1,667.00",
        ),
        ({"needs_action_findings": 1.0}, "1 finding needs action"),
        ({"needs_action_findings": 2.0}, "2 findings need action"),
        ({"sales_signs": 1.0}, "Sales is engaged already"),
        ({"has_prepaid_plan": 1.0}, "a prepaid plan is in force"),
        ({"stage_is_churned": 1.0}, "the customer left"),
    ],
)
def test_an_account_that_is_not_says_what_stands_in_the_way(facts, reason):
    found = decided(SEED, ready=False, **facts)

    assert found.verdict is Handover.NOT_READY
    assert found.reasons == (reason,)


@given(
    st.sampled_from([SEED, NOW]),
    st.fixed_dictionaries(
        {
            **{name: st.sampled_from([0.0, 999.0, 1000.0, 1667.0, 1668.0]) for name in FACTS},
            **{
                name: st.sampled_from([0.0, 1.0])
                for name in (
                    "needs_action_findings",
                    "sales_signs",
                    "has_prepaid_plan",
                    "stage_is_churned",
                )
            },
        }
    ),
)
def test_reasons_against_are_given_exactly_where_the_check_is_silent(policy, facts):
    check = CHECKS[CHECK]
    thresholds = policy.thresholds(check)
    claims = ("has_prepaid_plan", "stage_is_churned")
    columns = [
        pd.Series([facts[name] == 1.0 if name in claims else facts[name]]) for name in check.facts
    ]
    (ready,) = check.flag(*columns, **thresholds)

    found = decision(policy, thresholds, facts, ready=False)

    assert bool(found.reasons) is not bool(ready)


def test_what_is_unknown_is_not_ready_for_another_reason():
    found = decision(SEED, {}, {}, ready=False, missing="bill_after_fixes_usd")

    assert (found.verdict, found.reasons) == (
        Handover.UNKNOWN,
        ("bill_after_fixes_usd is unknown",),
    )


def test_a_large_first_bill_goes_straight_to_sales():
    found = decision(NOW, {}, {"forecasted_bill_usd": 2500.0}, ready=False, first_payment=True)

    assert found.verdict is Handover.READY
    assert found.reasons == (
        "the first bill is forecast at $2,500.00 (estimate), which goes straight to Sales",
    )
