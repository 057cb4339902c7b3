"""Web vitals that nobody looks at."""

from decimal import Decimal

import pytest

CHECK = "web_vitals_unread"
EVENT = "$web_vitals"
READERS = ("insight", "action", "cohort", "experiment", "survey", "destination")


def test_web_vitals_nobody_looks_at_are_flagged_with_their_share(acme):
    found = acme().events(EVENT, 180).events("$pageview", 820).finding(CHECK)

    assert found.message == "Web vitals are 18.0% of Project 1's events and nobody looks at them."


def test_a_twentieth_of_the_events_is_the_limit(acme):
    one = acme()
    for count in (0, 49, 50, 51):
        one.events(EVENT, count, project=str(count))
        one.events("$pageview", 1000 - count, project=str(count))

    assert one.flagged(CHECK) == ["50", "51"]


def test_one_member_who_looked_at_web_analytics_makes_it_healthy(acme):
    one = acme().events(EVENT, 900).activity("people_using_web_analytics", 1)

    assert one.flagged(CHECK) == []


def test_who_looked_at_another_project_did_not_look_at_this(acme):
    one = acme().events(EVENT, 900).activity("people_using_web_analytics", 5, project="2")

    assert one.flagged(CHECK) == ["1"]


@pytest.mark.parametrize("kind", READERS)
def test_whatever_names_the_event_reads_it(acme, kind):
    one = acme().events(EVENT, 900).resource(kind, refers_to=f'["{EVENT}"]')

    assert one.flagged(CHECK) == []


@pytest.mark.parametrize(
    ("count", "flagged"),
    [
        (199_800, 0),  # 199,800 x 0.00005 = 9.99
        (200_000, 1),  # 200,000 x 0.00005 = 10.00
    ],
)
def test_a_small_share_is_flagged_from_10_dollars_a_month(acme, count, flagged):
    one = acme().events(EVENT, count).events("$pageview", 20_000_000 - count)
    one.subscription("product_analytics", tiers='[{"up_to": null, "unit_amount_usd": "0.00005"}]')

    assert len(one.findings(CHECK)) == flagged


@pytest.mark.parametrize(
    ("subject", "missing"),
    [
        ("activity.people_using_web_analytics", "people_using_web_analytics"),
        ("usage_rows.product_analytics", "unread_web_vitals_events"),
        *((f"resources.{kind}", "unread_web_vitals_events") for kind in READERS),
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


@pytest.mark.parametrize(
    ("thresholds", "flagged"),
    [({"web_vitals_percent": 19}, 0), ({"web_vitals_percent": 19, "at_stake_usd": 0}, 1)],
)
def test_the_thresholds_can_be_set(acme, thresholds, flagged):
    one = acme().events(EVENT, 180).events("$pageview", 820)

    assert len(one.findings(CHECK, **thresholds)) == flagged
