"""Page leaves that nobody reads."""

from decimal import Decimal

import pytest

CHECK = "pageleave_unread"
EVENT = "$pageleave"
READERS = ("insight", "action", "cohort", "experiment", "survey", "destination")


def test_page_leaves_nobody_reads_are_flagged_with_their_share(acme):
    found = acme().events(EVENT, 264).events("$pageview", 736).finding(CHECK)

    assert found.message == "Page leaves are 26.4% of Project 1's events and nobody reads them."


def test_a_tenth_of_the_events_is_the_limit(acme):
    one = acme()
    for count in (0, 99, 100, 101):
        one.events(EVENT, count, project=str(count))
        one.events("$pageview", 1000 - count, project=str(count))

    assert one.flagged(CHECK) == ["100", "101"]


def test_bounce_rate_in_web_analytics_needs_them(acme):
    one = acme().events(EVENT, 900).activity("people_using_web_analytics", 1)

    assert one.flagged(CHECK) == []


@pytest.mark.parametrize("kind", READERS)
def test_whatever_names_the_event_reads_it(acme, kind):
    one = acme().events(EVENT, 900).resource(kind, refers_to=f'["{EVENT}"]')

    assert one.flagged(CHECK) == []


@pytest.mark.parametrize(
    ("subject", "missing"),
    [
        ("activity.people_using_web_analytics", "people_using_web_analytics"),
        ("usage_rows.product_analytics", "unread_pageleave_events"),
        *((f"resources.{kind}", "unread_pageleave_events") for kind in READERS),
    ],
)
def test_without_its_facts_it_is_not_evaluated(acme, subject, missing):
    gap = acme().events(EVENT, 900).without(subject).gap(CHECK)

    assert (gap.missing, gap.reason) == (missing, "The key lacks a scope.")


def test_the_saving_is_the_event_on_every_meter(acme):
    one = acme().events(EVENT, 500_000, on=["enhanced_persons"])

    found = one.events("$pageview", 1_500_000, on=["enhanced_persons"]).finding(CHECK)

    # Of the second million: 500,000 x 0.00005 = 25.00 and 500,000 x 0.000198 = 99.00.
    assert found.saving.alone == Decimal("124.00")


def test_the_threshold_can_be_set(acme):
    one = acme().events(EVENT, 264).events("$pageview", 736)

    assert one.findings(CHECK, pageleave_percent=27) == []
