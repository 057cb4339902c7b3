"""Nothing the organization sends or syncs speaks of money."""

import pytest

from audit.checks import Severity

CHECK = "revenue_not_measured"


def test_events_that_say_nothing_of_money_are_an_opportunity(acme):
    one = acme().events("lesson_started", 9_000).events("$pageview", 3_000, project="2")

    found = one.finding(CHECK)

    assert found.message == (
        "None of Acme's 12,000 events is named after money, and no synced table is."
    )
    assert (found.severity, found.saving.alone) == (Severity.OPPORTUNITY, 0)


@pytest.mark.parametrize(
    "event",
    [
        "invoice_paid",
        "Purchase Completed",
        "orderPlaced",
        "subscription_renewed",
        "SUBSCRIBED",
        "payment",
        "checkout_started",
        "revenue",
        "refund_requested",
        "transaction_completed",
        "commission_earned",
    ],
)
def test_one_event_of_any_project_that_does_is_enough(acme, event):
    one = acme().events("lesson_started", 12_000).events(event, 1, project="2")

    assert one.findings(CHECK) == []


def test_an_event_of_the_vendors_of_such_a_name_is_no_answer(acme):
    one = acme().events("lesson_started", 12_000).events("$order", 5)

    assert len(one.findings(CHECK)) == 1


@pytest.mark.parametrize(
    ("name", "state", "flagged"),
    [
        ("Invoice", "active", 0),
        ("stripe_charges", "active", 0),
        ("customers", "active", 1),
        ("Invoice", "inactive", 1),
    ],
)
def test_payments_synced_from_elsewhere_are_measured_too(acme, name, state, flagged):
    one = acme().events("lesson_started", 12_000).resource("warehouse_schema", state, name=name)

    assert len(one.findings(CHECK)) == flagged


@pytest.mark.parametrize(
    ("days", "events", "flagged"),
    [(30, 9_999, 0), (30, 10_000, 1), (30, 10_001, 1), (60, 19_999, 0), (60, 20_000, 1)],
)
def test_ten_thousand_events_a_month_over_all_projects_are_the_limit(acme, days, events, flagged):
    one = acme(days=days).events("a", 5_000).events("b", events - 5_000, project="2")

    assert len(one.findings(CHECK)) == flagged


@pytest.mark.parametrize(
    ("subject", "missing"),
    [
        ("usage_rows.product_analytics", "revenue_events"),
        ("resources.warehouse_schema", "revenue_tables"),
    ],
)
def test_without_its_facts_it_is_not_evaluated(acme, subject, missing):
    gap = acme().events("lesson_started", 12_000).without(subject).gap(CHECK)

    assert (gap.missing, gap.reason) == (missing, "The key lacks a scope.")


def test_the_threshold_can_be_set(acme):
    one = acme().events("lesson_started", 12_000)

    assert one.findings(CHECK, events_count=12_001) == []
