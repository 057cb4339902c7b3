"""Projects that cannot tell their own team from customers."""

import pytest

CHECK = "internal_users_unfiltered"
FILTER = '[{"key": "email", "value": "@acme.example", "operator": "not_icontains"}]'


def test_a_busy_project_without_a_filter_is_flagged_and_saves_nothing(acme):
    found = acme().events("x", 2_500_000).finding(CHECK)

    assert found.message == (
        "Project 1 sent 2,500,000 events and has no filter for internal and test users."
    )
    # Internal users are billed with a filter as without.
    assert found.saving.alone == 0


def test_a_filter_makes_it_healthy(acme):
    assert acme().events("x", 10_000).settings(test_account_filters=FILTER).flagged(CHECK) == []


@pytest.mark.parametrize("empty", [None, "[]", "{}", "null"])
def test_an_empty_filter_is_none(acme, empty):
    assert acme().events("x", 10_000).settings(test_account_filters=empty).flagged(CHECK) == ["1"]


@pytest.mark.parametrize(
    ("days", "events", "flagged"),
    [(30, 9_999, []), (30, 10_000, ["1"]), (30, 10_001, ["1"]), (7, 2_333, []), (7, 2_334, ["1"])],
)
def test_ten_thousand_events_a_month_are_the_limit(acme, days, events, flagged):
    # 7 of 30 days: 2,333.3 events.
    assert acme(days=days).events("x", events).flagged(CHECK) == flagged


@pytest.mark.parametrize(
    ("subject", "missing"),
    [
        ("projects.settings", "internal_users_are_filtered"),
        ("usage_rows.product_analytics", "events"),
    ],
)
def test_without_its_facts_it_is_not_evaluated(acme, subject, missing):
    gap = acme().events("x", 10_000).without(subject).gap(CHECK)

    assert (gap.missing, gap.reason) == (missing, "The key lacks a scope.")


def test_a_project_nobody_could_read_is_not_evaluated(acme):
    one = acme().events("x", 10_000)
    one.projects["1"] = None

    assert "may be deleted" in one.gap(CHECK).reason


def test_the_threshold_can_be_set(acme):
    assert acme().events("x", 10_000).findings(CHECK, events_count=10_001) == []
