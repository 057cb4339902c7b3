"""Custom events that nothing of the project names."""

import re
from decimal import Decimal
from pathlib import Path

import pytest

import audit.facts
from audit.checks import custom_events_unread

CHECK = "custom_events_unread"
READERS = ("insight", "action", "cohort", "experiment", "survey", "destination")


def test_events_nothing_names_are_flagged_with_their_share(acme):
    one = acme().events("synced", 1_100).events("signed up", 400).events("$pageview", 500)

    found = one.resource("insight", refers_to='["signed up"]').finding(CHECK)

    assert found.message == (
        "1,100 of Project 1's events (55%) are custom events that nothing in the project names."
    )


def test_a_twentieth_of_the_events_is_the_limit(acme):
    one = acme()
    for unread in (0, 49, 50, 51):
        one.events("synced", unread, project=str(unread))
        one.events("$pageview", 1000 - unread, project=str(unread))

    assert one.flagged(CHECK) == ["50", "51"]


@pytest.mark.parametrize("kind", READERS)
def test_whatever_names_the_event_reads_it(acme, kind):
    one = acme().events("synced", 900).resource(kind, refers_to='["$pageview", "synced"]')

    assert one.flagged(CHECK) == []


@pytest.mark.parametrize(
    ("kind", "more"),
    [
        ("destination", {"state": "inactive"}),
        ("insight", {"project": "2"}),
        ("insight", {"refers_to": '["syncedd", "Synced"]'}),
        ("dashboard", {}),
    ],
)
def test_what_is_off_or_elsewhere_or_names_another_does_not(acme, kind, more):
    one = acme().events("synced", 900).resource(kind, **{"refers_to": '["synced"]', **more})

    assert "1" in one.flagged(CHECK)


@pytest.mark.parametrize(
    "event",
    [
        "$pageview",
        "$my_own",
        "Application Opened",
        "Application Became Active",
        "Deep Link Opened",
    ],
)
def test_events_that_libraries_send_are_not_the_customers(acme, event):
    assert acme().events(event, 900).flagged(CHECK) == []


@pytest.mark.parametrize("event", ["Application Opened twice", "My Application Opened", "a$b"])
def test_a_similar_name_is_the_customers(acme, event):
    assert acme().events(event, 900).flagged(CHECK) == ["1"]


@pytest.mark.parametrize(
    ("unread", "flagged"),
    [
        (499_800, 0),  # 499,800 x 0.00005 = 24.99
        (499_950, 1),  # 499,950 x 0.00005 = 24.9975: 25.00
    ],
)
def test_a_small_share_is_flagged_from_25_dollars_a_month(acme, unread, flagged):
    one = acme().events("synced", unread).events("$pageview", 20_000_000 - unread)
    one.subscription("product_analytics", tiers='[{"up_to": null, "unit_amount_usd": "0.00005"}]')

    assert len(one.findings(CHECK)) == flagged


@pytest.mark.parametrize("kind", READERS)
def test_one_kind_of_reader_unread_leaves_it_not_evaluated(acme, kind):
    gap = acme().events("synced", 900).without(f"resources.{kind}").gap(CHECK)

    assert (gap.missing, gap.reason) == ("unread_custom_events", "The key lacks a scope.")


def test_without_events_it_is_not_evaluated(acme):
    gap = acme().events("synced", 900).without("usage_rows.product_analytics").gap(CHECK)

    assert gap.reason == "The key lacks a scope."


def test_the_saving_is_the_unread_events_on_every_meter(acme):
    one = acme().events("synced", 500_000, on=["enhanced_persons"])
    one.events("signed up", 1_000_000, on=["enhanced_persons"]).events("$pageview", 400_000)
    one.events("Application Opened", 100_000)

    found = one.resource("cohort", refers_to='["signed up"]').finding(CHECK)

    # 500,000 of the second million events x 0.00005 = 25.00; of the identified events 500,000
    # above the free million x 0.000198 = 99.00.
    assert found.saving.alone == Decimal("124.00")


def test_usage_of_unknown_make_is_no_custom_event(acme):
    one = acme().daily("event_count_in_period", 100_000).events("$pageview", 10)

    gap = one.daily("event_count_in_period", 100_000, project="2").gap(CHECK)

    assert (gap.project_id, gap.missing) == ("2", "unread_custom_events")
    assert "no breakdown of them was observed" in gap.reason


def test_the_price_and_the_count_tell_custom_events_by_one_rule():
    text = (Path(audit.facts.__file__).parent / "project_events.sql").read_text()
    listed = text.partition("NOT IN (")[2].partition(")")[0]

    assert re.findall("'(.*?)'", listed) == list(custom_events_unread.NOT_CUSTOM)


@pytest.mark.parametrize(
    ("thresholds", "flagged"),
    [({"unread_percent": 56}, 0), ({"unread_percent": 56, "at_stake_usd": 0}, 1)],
)
def test_the_thresholds_can_be_set(acme, thresholds, flagged):
    one = acme().events("synced", 550).events("$pageview", 450)

    assert len(one.findings(CHECK, **thresholds)) == flagged
