"""Group analytics is subscribed and no event carries a group."""

from decimal import Decimal

import pytest

from audit.checks import Severity

CHECK = "group_analytics_unused"
LAYERS = ["enhanced_persons", "group_analytics"]


def test_a_subscription_without_groups_is_flagged(acme):
    found = acme().events("x", 10, on=LAYERS).subscription("group_analytics").finding(CHECK)

    assert found.message == "Acme subscribes to group analytics and no event carries a group."
    assert (found.severity, found.project_id) == (Severity.NEEDS_ACTION, None)


def test_one_event_with_a_group_in_any_project_makes_it_healthy(acme):
    one = acme().subscription("group_analytics").activity("group_events", 0)

    assert one.activity("group_events", 1, project="2").findings(CHECK) == []


def test_an_organization_that_does_not_subscribe_is_healthy(acme):
    assert acme().subscription("session_replay").findings(CHECK) == []


def test_an_add_on_that_was_left_is_not_subscribed(acme):
    one = acme()._add("subscriptions", product="group_analytics", subscribed=False)

    assert one.findings(CHECK) == []


@pytest.mark.parametrize(
    ("subject", "missing"),
    [
        ("subscriptions", "group_analytics_is_subscribed"),
        ("activity.group_events", "group_events"),
    ],
)
def test_without_its_facts_it_is_not_evaluated(acme, subject, missing):
    gap = acme().subscription("group_analytics").without(subject).gap(CHECK)

    assert (gap.project_id, gap.missing) == (None, missing)
    assert gap.reason == "The key lacks a scope."


def test_the_saving_is_the_whole_add_on_and_nothing_else(acme):
    one = acme().events("x", 2_000_000, on=LAYERS).subscription("group_analytics")

    # The second million on group analytics: 1,000,000 x 0.000071. Events (50.00) and person
    # profiles (198.00) are billed as before.
    assert one.finding(CHECK).saving.alone == Decimal("71.00")
