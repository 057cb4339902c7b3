"""``$identify`` above 5 percent of a project's billed events."""

from decimal import Decimal

from audit.checks import Severity

CHECK = "identify_too_often"
EVENT = "$identify"


def test_many_calls_are_flagged_with_their_share(acme):
    found = acme().events(EVENT, 124).events("$pageview", 876).finding(CHECK)

    assert found.message == "$identify is 12.4% of Project 1's events."
    assert found.severity == Severity.NEEDS_ACTION


def test_five_percent_is_fine_and_one_more_is_not(acme):
    one = acme().activity("sessions", 5, project="no events")
    for calls in (0, 49, 50, 51):
        one.events(EVENT, calls, project=str(calls))
        one.events("$pageview", 1000 - calls, project=str(calls))

    assert one.flagged(CHECK) == ["51"]


def test_a_high_share_of_one_call_a_session_is_information(acme):
    one = acme()
    for sessions in (123, 124):
        one.events(EVENT, 124, project=str(sessions)).events(
            "$pageview", 876, project=str(sessions)
        )
        one.activity("sessions", sessions, project=str(sessions))

    severities = [found.severity for found in one.findings(CHECK)]
    assert severities == [Severity.NEEDS_ACTION, Severity.INFORMATION]


def test_an_event_of_a_similar_name_is_another_event(acme):
    one = acme()
    for event in ("$identify_once", "$IDENTIFY", "my $identify"):
        one.events(event, 300)

    assert one.flagged(CHECK) == []


def test_without_its_events_it_is_not_evaluated(acme):
    gap = acme().events(EVENT, 900).without("usage_rows.product_analytics").gap(CHECK)

    assert (gap.missing, gap.reason) == ("identify_events", "The key lacks a scope.")


def test_the_saving_leaves_one_call_per_session(acme):
    one = acme().events(EVENT, 300_000, on=["enhanced_persons"]).events("$pageview", 2_700_000)

    found = one.activity("sessions", 100_000).finding(CHECK)

    # Events: 200,000 of 3,000,000 go, all of them in the tier of 0.0000343: 6.86. The 300,000
    # identified events lie inside the free million.
    assert found.saving.alone == Decimal("6.86")


def test_calls_of_a_backend_without_sessions_save_nothing(acme):
    found = acme().events(EVENT, 300_000).events("$pageview", 2_700_000).finding(CHECK)

    assert found.saving.alone == Decimal("0.00")


def test_fewer_calls_than_sessions_save_nothing(acme):
    one = acme().events(EVENT, 300_000).events("$pageview", 2_700_000)

    assert one.activity("sessions", 300_001).finding(CHECK).saving.alone == Decimal("0.00")


def test_without_sessions_known_the_fault_stands_and_its_price_is_said_to_be_unknown(acme):
    one = acme().events(EVENT, 900).without("activity.sessions")

    audit = one.audit(CHECK)

    assert audit.findings[0].message.endswith("Its saving is not priced: sessions is unknown.")
    assert audit.not_evaluated[0].reason == (
        "the fault is found, its saving is not priced: The key lacks a scope."
    )


def test_the_threshold_can_be_set(acme):
    one = acme().events(EVENT, 124).events("$pageview", 876)

    assert one.findings(CHECK, identify_percent=12.4) == []
