"""Many events and nothing saved to read them with."""

import pytest

from audit.checks import Severity

CHECK = "actions_absent"


def test_many_events_and_nothing_saved_are_an_opportunity(acme):
    found = acme().events("x", 123_456).finding(CHECK)

    assert found.message == "Project 1 sent 123,456 events and has no action and no saved insight."
    assert (found.severity, found.saving.alone) == (Severity.OPPORTUNITY, 0)


@pytest.mark.parametrize("kind", ["action", "insight"])
def test_an_action_or_a_saved_insight_makes_it_healthy(acme, kind):
    one = acme().events("x", 123_456).events("x", 123_456, project="2")

    assert one.resource(kind, project="2").flagged(CHECK) == ["1"]


def test_a_dashboard_alone_reads_nothing(acme):
    assert acme().events("x", 123_456).resource("dashboard").flagged(CHECK) == ["1"]


@pytest.mark.parametrize(
    ("days", "events", "flagged"),
    [
        (30, 99_999, []),
        (30, 100_000, ["1"]),
        (30, 100_001, ["1"]),
        (60, 199_999, []),
        (60, 200_000, ["1"]),
    ],
)
def test_a_hundred_thousand_events_a_month_are_the_limit(acme, days, events, flagged):
    assert acme(days=days).events("x", events).flagged(CHECK) == flagged


@pytest.mark.parametrize(
    ("subject", "missing"),
    [
        ("usage_rows.product_analytics", "events"),
        ("resources.action", "actions"),
        ("resources.insight", "insights"),
    ],
)
def test_without_its_facts_it_is_not_evaluated(acme, subject, missing):
    gap = acme().events("x", 123_456).without(subject).gap(CHECK)

    assert (gap.missing, gap.reason) == (missing, "The key lacks a scope.")


def test_the_threshold_can_be_set(acme):
    assert acme().events("x", 123_456).findings(CHECK, events_count=123_457) == []
