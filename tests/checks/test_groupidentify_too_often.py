"""``$groupidentify`` above 5 percent of a project's billed events."""

from decimal import Decimal

from audit.checks import Severity

CHECK = "groupidentify_too_often"
EVENT = "$groupidentify"


def test_many_calls_are_flagged_with_their_share(acme):
    found = acme().events(EVENT, 124).events("$pageview", 876).finding(CHECK)

    assert found.message == "$groupidentify is 12.4% of Project 1's events."
    assert found.severity == Severity.NEEDS_ACTION


def test_five_percent_is_fine_and_one_more_is_not(acme):
    one = acme().activity("sessions", 5, project="no events")
    for calls in (0, 49, 50, 51):
        one.events(EVENT, calls, project=str(calls))
        one.events("$pageview", 1000 - calls, project=str(calls))

    assert one.flagged(CHECK) == ["51"]


def test_identify_calls_are_not_group_calls(acme):
    assert acme().events("$identify", 900).findings(CHECK) == []


def test_without_its_events_it_is_not_evaluated(acme):
    gap = acme().events(EVENT, 900).without("usage_rows.product_analytics").gap(CHECK)

    assert (gap.missing, gap.reason) == ("groupidentify_events", "The key lacks a scope.")


def test_the_saving_leaves_one_call_per_session_on_every_meter(acme):
    one = acme().events(EVENT, 2_000_000, on=["enhanced_persons", "group_analytics"])

    found = one.activity("sessions", 1_200_000).finding(CHECK)

    # 800,000 calls go, all of the second million: 800,000 x 0.00005 = 40.00 as events, x 0.000198
    # = 158.40 as identified events, x 0.000071 = 56.80 on group analytics.
    assert found.saving.alone == Decimal("255.20")


def test_calls_of_a_backend_without_sessions_save_nothing(acme):
    found = acme().events(EVENT, 2_000_000).finding(CHECK)

    assert found.saving.alone == Decimal("0.00")


def test_the_threshold_can_be_set(acme):
    one = acme().events(EVENT, 124).events("$pageview", 876)

    assert one.findings(CHECK, groupidentify_percent=12.4) == []
