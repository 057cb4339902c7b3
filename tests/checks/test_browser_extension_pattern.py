"""Identify fills the project, with few custom events or a flag request for every call."""

from decimal import Decimal

import pytest

from audit.checks import Severity
from audit.findings.examine import examine

CHECK = "browser_extension_pattern"


def shares(one, identify, custom, *, rest=None, project="1"):
    """Events of a project per mille; what is left are page views."""
    one.events("$identify", identify, project=project).events("clipped", custom, project=project)
    rest = 1000 - identify - custom if rest is None else rest
    return one.events("$pageview", rest, project=project)


def test_the_pattern_is_flagged_with_what_it_is_made_of(acme):
    found = shares(acme(), 800, 50).flags(requests=1_900).finding(CHECK)

    assert found.message == (
        "$identify is 80% of Project 1's events, beside 1,900 flag requests and 50 custom events: "
        "the pattern of a browser extension that makes a new id at every start."
    )
    assert found.severity == Severity.NEEDS_ACTION


def test_seventy_percent_of_identify_is_the_limit(acme):
    one = acme()
    for identify in (0, 699, 700, 701):
        shares(one, identify, 0, project=str(identify))

    assert one.flagged(CHECK) == ["700", "701"]


def test_a_tenth_of_custom_events_is_the_last_that_is_few(acme):
    one = acme()
    for custom in (99, 100, 101):
        shares(one, 850, custom, project=str(custom))

    assert one.flagged(CHECK) == ["100", "99"]


@pytest.mark.parametrize(("requests", "flagged"), [(699, []), (700, ["1"]), (701, ["1"])])
def test_a_flag_request_for_every_call_is_a_sign_beside_many_custom_events(acme, requests, flagged):
    one = shares(acme(), 700, 300).flags(requests=requests)

    assert one.flagged(CHECK) == flagged


def test_polling_servers_are_no_sign(acme):
    assert shares(acme(), 700, 300).flags(polling=100_000).flagged(CHECK) == []


def test_a_product_of_many_logins_that_tracks_what_people_do_is_healthy(acme):
    one = shares(acme(), 700, 300).flags(requests=600)

    assert one.activity("sessions", 690).flagged(CHECK) == []


@pytest.mark.parametrize(
    ("subject", "missing"),
    [
        ("usage_rows.product_analytics", "identify_events"),
        ("usage_rows.feature_flags", "flag_client_requests"),
    ],
)
def test_without_its_facts_it_is_not_evaluated(acme, subject, missing):
    gap = shares(acme(), 900, 0).without(subject).gap(CHECK)

    assert (gap.missing, gap.reason) == (missing, "The key lacks a scope.")


def test_the_saving_leaves_one_call_and_one_flag_request_per_session(acme):
    one = acme().events("$identify", 1_800_000, on=["enhanced_persons"]).events("seen", 200_000)

    found = one.flags(requests=2_000_000).activity("sessions", 500_000).finding(CHECK)

    # Events: 1,300,000 of 2,000,000 go; the million above the free one costs 50.00, then 0.
    # Identified events: 1,800,000 cost 800,000 x 0.000198 = 158.40, then none.
    # Flag requests: 1,500,000 of 2,000,000 go; 1,000,000 x 0.0001 = 100.00, then none.
    assert found.saving.alone == Decimal("308.40")


def test_without_sessions_there_is_no_saving_to_speak_of(acme):
    one = acme().events("$identify", 1_800_000).flags(requests=2_000_000)

    assert one.finding(CHECK).saving.alone == Decimal("0.00")


def test_one_remedy_with_the_calls_per_session_counts_once(acme):
    one = acme().events("$identify", 3_000_000).activity("sessions", 1_500_000)

    audit = examine(one.account(), only=[CHECK, "identify_too_often"])

    # Both leave 1,500,000 calls: 50.00 + 34.30 of now, less the 25.00 that stay.
    assert [found.saving.alone for found in audit.findings] == [Decimal("59.30")] * 2
    assert audit.joint_saving == Decimal("59.30")


@pytest.mark.parametrize(
    "thresholds", [{"identify_percent": 81}, {"custom_events_percent": 4, "requests_ratio": 3}]
)
def test_the_thresholds_can_be_set(acme, thresholds):
    one = shares(acme(), 800, 50).flags(requests=1_900)

    assert one.findings(CHECK, **thresholds) == []
