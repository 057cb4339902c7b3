"""The plan as a whole: its document, its words, and clear answers to bad input."""

import json
import math

import numpy as np
import pytest
from plan_years import level, walking_years

from audit.errors import InputError
from audit.prepaid import Assumptions, PlanState, Terms, document, eligibility, plan, rules_of

YEARS = walking_years(45_000, 0.3, draws=1_000)


def numbers(value):
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list):
        return [one for part in value for one in numbers(part)]
    return [value] if isinstance(value, float) else []


@pytest.mark.parametrize("name", ["flat", "net_spend", "levers"])
@pytest.mark.parametrize(
    "usage", [YEARS, np.zeros((100, 12)), level(np.full(100, 40.0)), level(np.full(100, 2e6))]
)
def test_a_document_is_plain_json_without_nan(now, name, usage):
    found = plan(
        usage,
        usage,
        rules_of(now, name),
        unfixed_list_usd=1.4 * usage,
        recent_month_usd=float(usage[:, 0].mean()),
        current_month_usd=float(usage[:, 0].mean()),
        history_days=200,
    )

    said = json.loads(json.dumps(document(found), allow_nan=False))
    assert all(math.isfinite(one) for one in numbers(said))
    assert said["rule_set"]["name"] == name
    assert said["rule_set"]["first_day"]
    assert said["basis"] == "estimate"
    assert said["recommended"] in [one["name"] for one in said["alternatives"]]


def test_the_recommendation_names_its_money_an_estimate(levers):
    found = plan(YEARS, YEARS, levers)

    assert "(estimate)" in found.in_words
    assert found.levers
    assert found.confirm
    assert all(line.startswith("Sales confirms") for line in found.confirm)


def test_the_same_years_give_the_same_document(levers):
    one, two = (document(plan(YEARS, YEARS, levers)) for _ in range(2))

    assert one == two


def test_the_pending_points_are_in_no_price(levers):
    found = document(plan(YEARS, YEARS, levers))

    for one in found["alternatives"]:
        if one["levers"]:
            paid = 1 - one["levers"]["counted_percent"] / 100
            assert float(one["price_usd"]) == pytest.approx(
                float(one["commitment_usd"]) * paid, abs=0.5
            )
            assert one["levers"]["counted_percent"] in (10, 20, 25, 30, 35, 40)


def test_a_rolled_off_account_has_nothing_pending(levers):
    found = document(plan(YEARS, YEARS, levers, state=PlanState.ROLLED_OFF))

    assert {one["levers"]["pending_percent"] for one in found["alternatives"] if one["levers"]} == {
        0
    }


def test_more_levers_never_save_less(levers):
    def saving(terms):
        return plan(YEARS, YEARS, levers, terms=terms).recommended.saving

    assert saving(Terms(payment_days=60)) <= saving(Terms()) <= saving(Terms(years=2))
    assert saving(Terms(years=2)) <= saving(Terms(years=2, paid_upfront=True))
    assert saving(Terms()) <= saving(Terms(startup_roll_off=True))


def test_unused_credit_and_late_run_outs_are_told(levers):
    notes = " ".join(plan(YEARS, YEARS, levers).notes)

    assert "is lost" in notes
    assert "new 12-month order" in notes
    assert "discount rate 0%" in notes


def test_eligibility_that_is_not_known_is_for_sales_to_confirm(levers):
    small = YEARS / 4
    found = plan(small, small, levers, eligibility=eligibility(levers, {"open_invoices": 0}))

    assert found.eligibility.holds is None
    assert any("self-serve credit may be bought" in line for line in found.confirm)


def test_the_curve_has_both_sides_of_each_band(levers):
    found = plan(YEARS, YEARS, levers).curve
    at = {one.commitment_usd: one for one in found}

    assert at[24_999].percent == 10
    assert at[25_000].percent == 20
    assert at[25_000].saving_usd > at[24_999].saving_usd
    losses = [one.loss_percent for one in found if one.percent == 20]
    assert losses == sorted(losses)


def test_the_curve_at_a_start_is_the_row_of_that_start(levers):
    found = plan(YEARS, YEARS, levers)
    (point,) = [one for one in found.curve if one.commitment_usd == 25_000]

    assert float(found.decision.row("floor_25000").saving) == pytest.approx(
        point.saving_usd, abs=0.01
    )


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"list_usd": np.full((100, 12), np.nan)}, "no finite number"),
        ({"list_usd": np.ones((100, 3))}, "draws x 12 months"),
        (
            {"list_usd": np.ones((99, 12)), "pay_as_you_go_usd": np.ones((99, 12))},
            "give 100 or more",
        ),
        ({"pay_as_you_go_usd": np.ones((200, 12))}, "both hold the same years"),
        ({"unfixed_list_usd": -YEARS}, "negative usage"),
        ({"commitment_usd": float("nan")}, "A commitment of nan USD is none"),
        ({"commitment_usd": -5}, "give 0 or more"),
        ({"recent_month_usd": float("inf")}, "A recent month of inf USD"),
        ({"history_days": -1}, "history of -1 days"),
    ],
)
def test_bad_input_is_a_clear_error(levers, given, said):
    with pytest.raises(InputError, match=said):
        plan(**{"list_usd": YEARS, "pay_as_you_go_usd": YEARS, "rules": levers} | given)


def test_growth_below_minus_a_hundred_percent_is_refused():
    with pytest.raises(InputError, match="cannot fall by more than all of it"):
        Assumptions(growth_percent=-101)
