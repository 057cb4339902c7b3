"""The annual plan as people read it."""

import json
import re

import numpy as np
import pytest
from plan_years import level, walking_years

from audit import views
from audit.checks import load_checks
from audit.policy import load_policy
from audit.prepaid import PlanState, eligibility, plan, rules_of
from audit.views.display import CHART_MIME, Figure

RULES = rules_of(load_policy("2026-11", load_checks()))
FACTS = {"paid_invoices": 3, "mean_paid_invoice_usd": 400.0, "open_invoices": 0}


def a_plan(mean=45_000, **given):
    years = walking_years(mean, 0.25, draws=500)
    given = {"eligibility": eligibility(RULES, FACTS), "state": PlanState.MONTHLY} | given
    return plan(years, years, RULES, unfixed_list_usd=1.6 * years, **given)


ALL = [
    views.plan_at_a_glance,
    views.plan_decision,
    views.plan_regret,
    views.plan_sales,
    views.plan_rules,
    views.plan_curve,
]


@pytest.mark.parametrize("view", ALL, ids=lambda view: view.__name__)
@pytest.mark.parametrize("mean", [45_000, 9_000])
def test_every_view_has_markup_and_text_and_marks_estimates(view, mean):
    shown = view(a_plan(mean, current_month_usd=3_000.0))

    text = str(shown)
    assert text.strip()
    assert not re.search(r"\bnan\b|\binf\b|None", text)
    if "$" in text and view is not views.plan_rules:
        assert "estimate" in text


def test_no_view_has_a_long_dash():
    shown = [str(view(a_plan())._repr_mimebundle_()) for view in ALL]

    assert not re.search("[\u2012-\u2015]", "".join(shown))


def test_the_recommendation_comes_with_its_levers_rules_and_gate():
    text = str(views.plan_at_a_glance(a_plan()))

    assert "+5% pending written commitment, not counted" in text
    assert "rule set levers of policy 2026-11" in text
    assert "a plan would be a conversion" in text
    assert "Committing before the fixes: costs $" in text


def test_the_recommended_way_is_marked_once_in_each_table():
    found = a_plan()

    for view in (views.plan_decision, views.plan_regret):
        assert str(view(found)).count("Recommended: ") == 1


def test_ways_that_always_lose_are_left_out_and_counted():
    text = str(views.plan_decision(a_plan()))

    assert "$500,000" not in text
    assert "Not shown: " in text


def test_the_regret_table_starts_with_the_least():
    text = str(views.plan_regret(a_plan()))
    amounts = [float(a.replace(",", "")) for a in re.findall(r"  \$([\d,]+\.\d\d)  ", text)]

    assert amounts == sorted(amounts)


def test_what_is_missing_for_the_sales_table_is_said():
    text = str(views.plan_sales(a_plan()))

    assert "Needs 5 invoices, 0 known" in text
    assert "Buying up costs no more: $25,000 at 20% from $22,222" in text


def test_unknown_facts_are_shown_as_not_known():
    text = str(views.plan_rules(a_plan()))

    assert re.search(r"not on a legacy plan +not known +Not known", text)
    assert "Sales confirms" in text


def test_the_chart_holds_the_points_of_the_curve():
    found = a_plan()
    shown = views.plan_curve(found)

    assert isinstance(shown, Figure)
    chart = shown._repr_mimebundle_()[CHART_MIME]
    (values,) = chart["datasets"].values() if "datasets" in chart else [chart["data"]["values"]]
    assert [value["commitment"] for value in values] == [p.commitment_usd for p in found.curve]
    assert json.dumps(chart, allow_nan=False)


def test_without_usage_there_is_nothing_to_chart():
    nothing = level(np.zeros(100))

    assert "No usage is expected" in str(views.plan_curve(plan(nothing, nothing, RULES)))
