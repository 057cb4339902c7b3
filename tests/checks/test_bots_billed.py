"""Visits of bots, billed like those of people."""

from decimal import Decimal

import pytest

CHECK = "bots_billed"


def visited(one, bots, events, *, project="1", **more):
    one.events("$pageview", events, project=project, **more)
    one.activity("bot_events", bots, project=project)
    return one.activity("web_events", events, project=project)


def test_events_of_bots_are_flagged_with_their_share(acme):
    found = visited(acme(), 1_234, 10_000).finding(CHECK)

    assert found.message == "1,234 of Project 1's events (12.3%) come from bots."


def test_a_twentieth_of_the_events_is_the_limit(acme):
    one = acme()
    for bots in (0, 49, 50, 51):
        visited(one, bots, 1000, project=str(bots))

    assert one.flagged(CHECK) == ["50", "51"]


@pytest.mark.parametrize(
    ("bots", "flagged"),
    [
        (199_800, 0),  # 199,800 x 0.00005 = 9.99
        (200_000, 1),  # 200,000 x 0.00005 = 10.00
    ],
)
def test_a_small_share_is_flagged_from_10_dollars_a_month(acme, bots, flagged):
    one = visited(acme(), bots, 20_000_000)
    one.subscription("product_analytics", tiers='[{"up_to": null, "unit_amount_usd": "0.00005"}]')

    assert len(one.findings(CHECK)) == flagged


@pytest.mark.parametrize(
    ("subject", "missing"),
    [("activity.bot_events", "bot_events"), ("usage_rows.product_analytics", "events")],
)
def test_without_its_facts_it_is_not_evaluated(acme, subject, missing):
    gap = visited(acme(), 900, 1_000).without(subject).gap(CHECK)

    assert (gap.missing, gap.reason) == (missing, "The key lacks a scope.")


def test_the_saving_is_their_share_of_strangers_web_events_on_every_meter(acme):
    one = visited(acme(), 200_000, 1_000_000, on=["enhanced_persons"], known=False)

    found = one.events(
        "job", 2_000_000, library="posthog-node", on=["enhanced_persons"], known=False
    )

    # A fifth of the million web events goes, none of the servers' two million. Events: 200,000 of
    # 3,000,000 x 0.0000343 = 6.86; identified events: 200,000 x 0.0000697 = 13.94.
    assert found.finding(CHECK).saving.alone == Decimal("20.80")


def test_nothing_is_taken_off_people_who_logged_in(acme):
    one = visited(acme(), 200_000, 1_000_000)

    found = one.events("$click", 2_000_000, on=["enhanced_persons"]).finding(CHECK)

    # Bots make 200,000 of the million anonymous events: 200,000 of 3,000,000 x 0.0000343 = 6.86.
    # The identified events are people's, all two million of them.
    assert found.saving.alone == Decimal("6.86")


def test_more_bots_than_web_events_take_no_more_than_all_of_them(acme):
    one = visited(acme(), 3_000_000, 2_000_000)

    # 1,000,000 x 0.00005
    assert one.finding(CHECK).saving.alone == Decimal("50.00")


def test_without_web_events_the_share_is_none(acme):
    one = acme().events("x", 2_000_000, library="posthog-node").activity("bot_events", 500_000)

    assert one.finding(CHECK).saving.alone == Decimal("0.00")


@pytest.mark.parametrize(
    ("thresholds", "flagged"),
    [({"bot_percent": 13}, 0), ({"bot_percent": 13, "at_stake_usd": 0}, 1)],
)
def test_the_thresholds_can_be_set(acme, thresholds, flagged):
    assert len(visited(acme(), 1_234, 10_000).findings(CHECK, **thresholds)) == flagged
