"""Autocapture above half of the billed events, and no active action that reads it."""

from decimal import Decimal

import pytest

from audit.checks import Severity

CHECK = "autocapture_unread"


def test_autocapture_that_no_action_reads_is_flagged_with_its_share(acme):
    found = acme().events("$autocapture", 600).events("$pageview", 400).finding(CHECK)

    assert found.message == "Autocapture is 60% of Project 1's events and no action reads it."
    assert (found.severity, found.project_id) == (Severity.NEEDS_ACTION, "1")


def test_half_of_the_events_is_fine_and_one_more_is_not(acme):
    one = acme()
    for count in (0, 499, 500, 501, 1000):
        one.events("$autocapture", count, project=str(count))
        one.events("$pageview", 1000 - count, project=str(count))

    assert one.flagged(CHECK) == ["1000", "501"]


def test_an_active_action_of_the_project_that_reads_it_makes_it_healthy(acme):
    one = acme()
    for number, (kind, state, reads) in enumerate(
        [
            ("action", "active", '["$autocapture"]'),
            ("action", "active", '["$pageview", "$autocapture"]'),
            ("action", "inactive", '["$autocapture"]'),
            ("action", "active", '["$pageview"]'),
            ("action", "active", '["my $autocapture event"]'),
            ("action", "active", None),
            ("insight", "active", '["$autocapture"]'),
        ]
    ):
        one.events("$autocapture", 900, project=str(number))
        one.resource(kind, state, refers_to=reads, project=str(number))

    assert one.flagged(CHECK) == ["2", "3", "4", "5", "6"]


def test_an_action_of_an_unforeseen_shape_does_not_stop_the_audit(acme):
    one = acme().events("$autocapture", 900)
    for reads in ('{"a": 1}', '"$pageview"', "5", '[{"event": null}]', "[1, null]"):
        one.resource("action", refers_to=reads)

    assert one.flagged(CHECK) == ["1"]


@pytest.mark.parametrize(
    ("subject", "missing"),
    [
        ("resources.action", "autocapture_actions"),
        ("usage_rows.product_analytics", "autocapture_events"),
    ],
)
def test_without_its_facts_it_is_not_evaluated(acme, subject, missing):
    gap = acme().events("$autocapture", 900).without(subject).gap(CHECK)

    assert (gap.project_id, gap.missing, gap.reason) == ("1", missing, "The key lacks a scope.")


def test_a_subject_that_nothing_speaks_of_is_missing_too(acme):
    gap = acme().events("$autocapture", 900).without("resources.action", "").gap(CHECK)

    assert gap.reason == "not read: the pull brought no resources.action"


def test_the_saving_leaves_every_meter_the_event_is_billed_on(acme):
    one = acme().events("$autocapture", 1_500_000, on=["enhanced_persons"])

    found = one.events("$pageview", 1_400_000).finding(CHECK)

    # Events: 2.9 million cost 1,000,000 x 0.00005 + 900,000 x 0.0000343 = 80.87; the 1.4 million
    # that stay 400,000 x 0.00005 = 20.00. Identified events: 500,000 above the free million x
    # 0.000198 = 99.00; none then.
    assert found.saving.alone == Decimal("159.87")


def test_the_threshold_can_be_set(acme):
    one = acme().events("$autocapture", 600).events("$pageview", 400)

    assert one.findings(CHECK, autocapture_percent=60) == []
