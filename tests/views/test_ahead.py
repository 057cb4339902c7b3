"""The coming periods and scenarios as people see them."""

import json
from dataclasses import replace
from functools import lru_cache

import altair
import pytest
import vl_convert

from audit import examine, views
from audit.account import Account
from audit.scenarios import Scenario, compare
from audit.scenarios.changes import Growth, Plan
from audit.sources.sample import portfolio
from audit.views.display import CHART_MIME

NAMES = portfolio().tables["organizations"]
MARIGOLD = NAMES.loc[NAMES["name"] == "Marigold & Daughters", "organization_id"].iloc[0]
HOSTILE = "<img src=x onerror=alert(1)>"


@lru_cache
def audited():
    return examine(Account.from_tables(MARIGOLD, portfolio().tables))


def test_the_running_period_adds_up_to_the_card():
    audit = audited()
    text = str(views.running(audit))

    assert str(views.at_a_glance(audit)).count(f"{audit.forecast.total.mean:,}") == 1
    assert f"{audit.forecast.total.mean:,}" in text
    assert "8 of 10 cases" in text


def test_last_days_that_are_far_off_give_two_totals():
    audit = audited()
    line = replace(audit.forecast.lines[0], if_it_passes=1_000, if_it_stays=5_000)
    lines = (line, *audit.forecast.lines[1:])
    doubtful = replace(audit, forecast=replace(audit.forecast, lines=lines))

    text = str(views.running(doubtful))

    assert "If it passes, 1,000 units" in text
    assert "if it stays, 5,000" in text
    assert "The range does not hold" in text


def test_the_chart_of_the_coming_periods_renders_and_has_its_numbers():
    shown = views.ahead(audited())
    chart = shown._repr_mimebundle_()[CHART_MIME]

    assert vl_convert.vegalite_to_svg(json.dumps(chart), vl_version="5.8")
    assert len(chart["data"]["values"]) == 2 * 13
    assert "The twelve" in str(shown)


def test_savings_ahead_add_up_in_the_last_line():
    audit = audited()
    text = str(views.savings_ahead(audit))

    assert f"{audit.outlook.year_saving.mean:,}" in text
    assert "Comes true" in text


@pytest.mark.parametrize("name", ["ahead", "running", "savings_ahead"])
def test_what_is_not_known_is_said(name):
    audit = audited()
    unknown = replace(
        audit,
        outlook=None,
        forecast=replace(audit.forecast, total=None, lines=(), reason="No daily usage is known."),
    )

    assert "No daily usage is known." in str(getattr(views, name)(unknown))


def test_a_scenario_with_a_hostile_name_adds_no_markup():
    found = compare(audited(), [Scenario(HOSTILE, (Plan(25_000),))])

    assert "<img" not in views.scenario_notes(found)._repr_mimebundle_()["text/html"]
    assert "As it is" in str(views.scenarios(found))


def test_scenarios_are_a_chart_that_renders():
    found = compare(audited(), [Scenario("More", (Growth(20),))])
    chart = views.scenarios(found)._repr_mimebundle_()[CHART_MIME]

    altair.Chart.from_dict(chart)  # raises for what the schema does not know
    assert vl_convert.vegalite_to_svg(json.dumps(chart), vl_version="5.8")
    assert [value["scenario"] for value in chart["data"]["values"]] == [
        *("As it is", "All fixes", "More")
    ]
