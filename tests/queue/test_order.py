"""The order of the queue: a declared model, its numbers in the policy, its terms in the row."""

import dataclasses
from decimal import Decimal

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit.checks import Effort, load_checks
from audit.policy import load_policy
from audit.queue.value import Model, valued

MODEL = Model.of(load_policy("2025-06", load_checks()))


def ids(queue):
    return [row.organization_id for row in queue.rows]


def terms(*, saves=0.0, bill=0.0, late=False, due=True, risks=0, model=MODEL, **efforts):
    """Of one organization; ``efforts``: USD saved alone by effort, one finding each."""
    frame = pd.DataFrame(
        {
            "joint_saving_usd": [saves],
            "bill_usd": [bill],
            "is_late": [late],
            "is_due": [due],
            "risks": [risks],
        }
    )
    usd = pd.DataFrame([[float(efforts.get(e.value, 0)) for e in Effort]], columns=list(Effort))
    return valued(model, frame, usd, (usd > 0).astype(int)).iloc[0]


def test_the_worth_of_an_hour_is_what_the_formula_says():
    found = terms(saves=500, bill=1_000, late=True, risks=2, setting=300, code_change=200)

    # 75% answer; of 300 + 200 saved alone, 60% and 35% are adopted: 0.75 x 0.5 = 0.375.
    # 0.375 x 500 + 3% x 1,000 = 217.50; late 1.5, two risks 1 + 2 x 0.5 = 2; 30 + 5 + 15 minutes.
    assert found.adopted_share == pytest.approx(0.375)
    assert found.expected_usd == pytest.approx(217.5)
    assert (found.time_weight, found.risk_weight, found.minutes) == (1.5, 2, 50)
    assert found.worth_usd == pytest.approx(217.5 * 1.5 * 2 / (50 / 60))


def test_a_first_message_holds_three_levers():
    # Four findings of 5, 5, 15 and 30 minutes: three of four are written about.
    found = terms(saves=4, setting=1, billing_page=1, code_change=1, conversation=1)

    assert found.minutes == pytest.approx(30 + 55 * 3 / 4)


def test_nothing_to_save_is_worth_the_contact_alone():
    found = terms(bill=1_000)

    assert (found.adopted_share, found.expected_usd) == (0, pytest.approx(30))


def test_an_unknown_saving_counts_as_nothing_and_is_no_error():
    assert terms(saves=np.nan, bill=np.nan, setting=10).worth_usd == 0


@given(
    st.floats(0, 1e6),
    st.floats(0, 1e6),
    st.booleans(),
    st.integers(0, 8),
    st.floats(0.01, 1e5),
)
def test_more_to_save_more_risk_and_less_time_never_lower_the_worth(saves, bill, late, risks, one):
    base = terms(saves=saves, bill=bill, late=late, risks=risks, setting=one).worth_usd

    assert base >= 0
    assert terms(saves=saves + 1, bill=bill, late=late, risks=risks, setting=one).worth_usd >= base
    assert terms(saves=saves, bill=bill + 1, late=late, risks=risks, setting=one).worth_usd >= base
    assert terms(saves=saves, bill=bill, late=True, risks=risks, setting=one).worth_usd >= base
    assert terms(saves=saves, bill=bill, late=late, risks=risks + 1, setting=one).worth_usd >= base


def test_the_assumptions_are_the_policys():
    assert MODEL.answer == 0.75
    assert set(MODEL.adopt) == set(Effort) == set(MODEL.minutes)
    own = dataclasses.replace(MODEL, contact=0.5)
    assert terms(bill=100, model=own).expected_usd == pytest.approx(50)


def test_the_most_worthwhile_hour_comes_first(queued, account):
    accounts = {
        "small": account(saves=10),
        "large": account(saves=900),
        "middle": account(saves=300),
    }

    assert ids(queued(accounts)) == ["large", "middle", "small"]


def test_a_late_one_outranks_an_equal_one(queued, account):
    accounts = {"a": account(saves=300), "b": account(saves=300, next_renewal_date="2026-11-02")}

    assert ids(queued(accounts)) == ["b", "a"]


def test_a_risk_outranks_an_equal_one(queued, account):
    accounts = {
        "a": account(saves=300),
        "b": account(saves=300, evaluating_alternatives="true"),
    }
    queue = queued(accounts)

    assert ids(queue) == ["b", "a"]
    assert "Weighs 150% for its risks: churn risk." in queue.rows[0].why


def test_equal_ones_stand_by_renewal_then_by_id(queued, account):
    accounts = {
        "c": account(next_renewal_date="2026-11-12"),
        "b": account(next_renewal_date="2026-11-12"),
        "a": account(next_renewal_date="2026-11-13"),
    }

    assert ids(queued(accounts)) == ["b", "c", "a"]


def test_due_ones_come_before_waiting_and_held_ones_whatever_they_are_worth(queued, account):
    accounts = {
        "held": account(saves=9_000, csm_id="x"),
        "waiting": account(saves=5_000, next_renewal_date="2026-12-20"),
        "due": account(saves=1),
    }

    assert ids(queued(accounts, everything=True)) == ["due", "waiting", "held"]


def test_a_row_shows_the_terms_of_its_place(queued, account):
    # 75% x 60% of 300, and 3% of 400; 30 + 5 minutes.
    (row,) = queued({"one": account(saves=300)}).rows

    assert row.joint_saving_usd == Decimal("300.00")
    assert row.bill_usd == Decimal("400.00")
    assert row.minutes == 35
    assert row.worth_usd == Decimal("252.00")
    assert row.why[1:3] == (
        "Expected: $147.00 = 45% of a joint saving of $300.00 + 3% of a bill of $400.00 "
        "(estimates).",
        "Takes 35 minutes: $252.00 an hour.",
    )


def test_unknown_usage_is_unknown_and_not_nothing(queued, account):
    built = account()
    built.tables["usage_rows"].clear()

    (row,) = queued({"one": built}).rows

    assert row.joint_saving_usd is None
    assert any("an unknown sum (counted as none)" in line for line in row.why)


@pytest.fixture
def team(account):
    """Five of Ada, two of Bo, one of nobody; each worth less than the one before."""
    owners = ["Ada", "Ada", "Bo", "Ada", None, "Ada", "Bo", "Ada"]
    return {
        f"{number}": account(saves=900 - 100 * number, onboarding_specialist=owner)
        for number, owner in enumerate(owners)
    }


@pytest.mark.parametrize(
    ("capacity", "listed"),
    [
        (0, []),
        (1, ["0", "2", "4"]),
        (2, ["0", "1", "2", "4", "6"]),
        (9, ["0", "1", "2", "3", "4", "5", "6", "7"]),
    ],
)
def test_capacity_is_for_each_owner(queued, team, capacity, listed):
    queue = queued(team, capacity=capacity)

    assert ids(queue) == listed
    assert queue.counts["beyond_capacity"] == len(team) - len(listed)


@pytest.mark.parametrize(("minutes", "listed"), [(34, []), (35, ["0"]), (80, ["0", "1"])])
def test_capacity_may_be_minutes(queued, team, minutes, listed):
    assert ids(queued(team, owner="ada", capacity_minutes=minutes)) == listed


def test_with_everything_what_goes_beyond_capacity_is_marked(queued, team):
    queue = queued(team, capacity=1, owner="Ada", everything=True)

    assert [row.fits for row in queue.rows] == [True, False, False, False, False]


def test_owner_and_region_choose(queued, account):
    accounts = {
        "a": account(onboarding_specialist="Ada", region="eu"),
        "b": account(onboarding_specialist="ADA"),
        "c": account(),
    }

    assert sorted(ids(queued(accounts, owner="Ada"))) == ["a", "b"]
    assert ids(queued(accounts, owner="nobody")) == ["c"]
    assert ids(queued(accounts, region="EU")) == ["a"]


def test_top_shows_the_first_and_counts_all(queued, team):
    queue = queued(team, top=2)

    assert (ids(queue), queue.chosen, queue.counts["due"]) == (["0", "1"], 8, 8)


def test_the_same_store_gives_the_same_queue(queued, team):
    assert queued(team).rows == queued(team).rows
