"""Dead clicks and rage clicks that nothing reads."""

from decimal import Decimal

import pytest

CHECK = "dead_clicks_unread"
READERS = ("insight", "action", "cohort", "experiment", "survey", "destination")


def test_clicks_that_nothing_reads_are_flagged_together(acme):
    one = acme().events("$dead_click", 100).events("$rageclick", 23).events("$pageview", 877)

    assert one.finding(CHECK).message == (
        "Dead clicks and rage clicks are 12.3% of Project 1's events and nothing in the project "
        "reads them."
    )


def test_a_twentieth_of_the_events_is_the_limit(acme):
    one = acme()
    for count in (0, 49, 50, 51):
        one.events("$dead_click", count, project=str(count))
        one.events("$pageview", 1000 - count, project=str(count))

    assert one.flagged(CHECK) == ["50", "51"]


@pytest.mark.parametrize("kind", READERS)
def test_whatever_names_them_reads_them(acme, kind):
    one = acme().events("$dead_click", 500).events("$rageclick", 500)

    assert one.resource(kind, refers_to='["$dead_click", "$rageclick"]').flagged(CHECK) == []


def test_one_of_two_that_is_read_leaves_the_other(acme):
    one = acme().events("$dead_click", 600_000).events("$rageclick", 400_000)
    one.events("x", 1_000_000).resource("insight", refers_to='["$rageclick"]')

    found = one.finding(CHECK)

    assert "are 30.0% of" in found.message
    # 600,000 of the second million x 0.00005; the rage clicks stay.
    assert found.saving.alone == Decimal("30.00")


def test_plain_clicks_are_another_check(acme):
    assert acme().events("$autocapture", 900).flagged(CHECK) == []


@pytest.mark.parametrize(
    ("count", "flagged"),
    [
        (199_800, 0),  # 199,800 x 0.00005 = 9.99
        (200_000, 1),  # 200,000 x 0.00005 = 10.00
    ],
)
def test_a_small_share_is_flagged_from_10_dollars_a_month(acme, count, flagged):
    one = acme().events("$rageclick", count).events("$pageview", 20_000_000 - count)
    one.subscription("product_analytics", tiers='[{"up_to": null, "unit_amount_usd": "0.00005"}]')

    assert len(one.findings(CHECK)) == flagged


@pytest.mark.parametrize(
    "subject",
    ["usage_rows.product_analytics", *(f"resources.{kind}" for kind in READERS)],
)
def test_without_its_facts_it_is_not_evaluated(acme, subject):
    gap = acme().events("$dead_click", 900).without(subject).gap(CHECK)

    assert (gap.missing, gap.reason) == ("unread_dead_click_events", "The key lacks a scope.")


@pytest.mark.parametrize(
    ("thresholds", "flagged"),
    [({"dead_click_percent": 13}, 0), ({"dead_click_percent": 13, "at_stake_usd": 0}, 1)],
)
def test_the_thresholds_can_be_set(acme, thresholds, flagged):
    one = acme().events("$dead_click", 123).events("$pageview", 877)

    assert len(one.findings(CHECK, **thresholds)) == flagged
