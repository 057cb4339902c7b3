"""More than four ``$identify``, ``$set`` or ``$groupidentify`` events for each session."""

from decimal import Decimal

import pytest

from audit.checks import Severity
from audit.findings.examine import examine

CHECK = "calls_per_session_too_high"
CALLS = ("$identify", "$set", "$groupidentify")


def test_any_of_the_three_is_flagged_and_named(acme):
    one = acme()
    for event in CALLS:
        one.events(event, 62, project=event).activity("sessions", 10, project=event)

    found = one.findings(CHECK)

    assert {f.message for f in found} == {
        f"Project {event} sends 6.2 {event} events per session." for event in CALLS
    }
    assert {f.severity for f in found} == {Severity.NEEDS_ACTION}


def test_four_per_session_are_fine_and_one_more_is_not(acme):
    one = acme()
    for calls in (300, 400, 401):
        one.events("$identify", calls, project=str(calls))
        one.activity("sessions", 100, project=str(calls))

    assert one.flagged(CHECK) == ["401"]


def test_the_three_are_not_added_up_and_a_backend_is_not_judged_by_sessions(acme):
    one = acme().events("$identify", 30).events("$set", 30).events("$groupidentify", 30)
    one.activity("sessions", 10).events("$identify", 900, project="no sessions")

    assert one.flagged(CHECK) == []


@pytest.mark.parametrize(
    ("subject", "missing"),
    [("activity.sessions", "sessions"), ("usage_rows.product_analytics", "identify_events")],
)
def test_without_its_facts_it_is_not_evaluated(acme, subject, missing):
    gap = acme().events("$identify", 900).activity("sessions", 1).without(subject).gap(CHECK)

    assert (gap.missing, gap.reason) == (missing, "The key lacks a scope.")


def test_the_saving_leaves_one_call_per_session_of_the_calls_that_are_too_many(acme):
    one = acme().events("$identify", 500_000).events("$set", 400_000).events("$x", 2_100_000)

    found = one.activity("sessions", 100_000).finding(CHECK)

    # $set is at four per session, which is fine and stays. 400,000 of 500,000 $identify go, all
    # of 3,000,000 events in the tier of 0.0000343: 13.72.
    assert found.saving.alone == Decimal("13.72")


def test_the_same_calls_flagged_by_share_too_are_counted_once(acme):
    one = acme().events("$identify", 500_000).events("$x", 2_500_000)
    account = one.activity("sessions", 100_000).account()

    audit = examine(account, only=[CHECK, "identify_too_often"])

    assert [f.saving.alone for f in audit.findings] == [Decimal("13.72"), Decimal("13.72")]
    assert audit.joint_saving == Decimal("13.72")


def test_the_threshold_can_be_set(acme):
    one = acme().events("$identify", 62).activity("sessions", 10)

    assert one.findings(CHECK, calls_per_session=6.2) == []
