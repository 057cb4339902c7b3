"""The score as data: the handbook's own table, and how a broken file is refused."""

import re
from importlib import resources

import pytest

from audit.errors import SettingsError
from audit.health import Band, load_published
from audit.health.published import read_published

TEXT = (resources.files("audit.health") / "published.toml").read_text(encoding="utf-8")

#: The page's tables: component, weight, then measure, poor, concerning, healthy.
PAGE = """
User engagement | 15
    Last seen in product | >5 | 1-5 | <=1
    Active user percentage | <20 | 20-40 | >=40
    Percentage decrease in active user percentage | >20 | 5-20 | <=5
    Users engaging with features | <3 | 3-10 | >=10
Product experience | 5
    Tickets created in last 30 days | >10 | 5-10 | <=5
    Urgent tickets that remain unresolved | >2 | 0-2 | 0
    Docs visited in last 7 days | >100 | 20-100 | <=20
    Query failure rate in last 7 days | >13 | 5-13 | <=5
Company engagement | 5
    Most recent meeting | >90 | 30-90 | <=30
    Most recent ticket | >90 | 30-90 | <=30
    Total product count | <3 | 3-6 | >6
Product analytics | 33
    Event count last 30 days (percentage decrease) | >20 | 5-20 | <=5
    Active users analyzing insights | <20 | 20-40 | >=40
Session replay | 20
    Replay count last 30 days (percentage decrease) | >20 | 5-20 | <=5
    Active users watching replays | <20 | 20-40 | >=40
Feature flags & experiments | 17
    Decide requests last 30 days (percentage decrease) | >20 | 5-20 | <=5
    Active users creating feature flags last 30 days | <5 | 5-20 | >=20
    Active users using experiments | <5 | 5-20 | >=20
Surveys & data warehouse | 5
    Active users viewing surveys | <5 | 5-20 | >=20
    Rows synced last 30 days (percentage decrease) | >20 | 5-20 | <=5
"""


def test_the_data_is_the_page_word_for_word():
    lines = []
    for component in load_published().components:
        lines.append(f"{component.title} | {component.weight_percent}")
        for measure in component.measures:
            poor, healthy = measure.bands.poor.published, measure.bands.healthy.published
            bands = (poor, measure.bands.concerning, healthy)
            lines.append(f"    {measure.title} | {' | '.join(bands).replace(' ', '')}")

    assert [line.replace(" ", "") for line in lines] == [
        line.replace(" ", "") for line in PAGE.strip().splitlines()
    ]


def test_weights_are_exact_shares_of_one_hundred_percent():
    published = load_published()

    shares = {
        component.name: sum(100 * m.weight_units for m in component.measures)
        for component in published.components
    }

    assert sum(c.weight_percent for c in published.components) == 100
    assert shares == {
        c.name: c.weight_percent * published.weight_units for c in published.components
    }
    assert all(len({m.weight_units for m in c.measures}) == 1 for c in published.components)


def test_decreases_are_those_that_compare_with_the_days_before():
    decreases = {m.name for m in load_published().measures if m.is_decrease}

    assert decreases == {m.name for m in load_published().measures if "decrease" in m.title}


def test_every_measure_says_where_it_comes_from_and_in_which_unit():
    assert all(m.comes_from and m.unit for m in load_published().measures)


@pytest.mark.parametrize(
    ("was", "becomes", "complaint"),
    [
        ("weight_percent = 33", "weight_percent = 34", "add up to 101 percent"),
        ('name = "tickets_30_days"', 'name = "urgent_tickets"', "20 measures of 19 names"),
        ('healthy = "> 6"', 'healthy = "< 6"', "bands of product_count overlap"),
        ('healthy = "> 6"', 'healthy = "> 2"', "bands of product_count overlap"),
        ('poor = "> 13"', 'poor = "many"', "'many' of query_failure_percent is no band like"),
        ('source = "PostHog handbook', 'sauce = "PostHog handbook', "has no 'source'"),
        ("[ours]", "[ours", "is not TOML"),
    ],
)
def test_a_file_that_contradicts_itself_is_refused(was, becomes, complaint):
    assert was in TEXT

    with pytest.raises(SettingsError, match=re.escape(complaint)):
        read_published(TEXT.replace(was, becomes, 1))


def test_points_of_bands_are_marked_as_ours():
    published = load_published()

    assert published.points == {Band.POOR: 0, Band.CONCERNING: 5, Band.HEALTHY: 10}
    assert "[ours]" in TEXT
