"""A product that costs money and that nobody looks at."""

from decimal import Decimal

import pytest

CHECK = "product_unused"


def test_a_product_nobody_looked_at_is_flagged_with_its_name(acme):
    found = acme().recordings(longer=15_000).finding(CHECK)

    assert found.product == "session_replay"
    assert found.message == (
        "Session replay (web) costs money every month and nobody used it in the window."
    )


def test_one_person_who_looked_makes_it_healthy(acme):
    one = acme().recordings(longer=15_000).activity("people_using_session_replay", 0)

    assert one.activity("people_using_session_replay", 1, project="2").findings(CHECK) == []


@pytest.mark.parametrize(
    ("recordings", "flagged"),
    [(5_998, 0), (6_000, 1)],  # 998 x 0.005 = 4.99, 1,000 x 0.005 = 5.00
)
def test_below_five_dollars_a_month_nobody_is_bothered(acme, recordings, flagged):
    assert len(acme().recordings(longer=recordings).findings(CHECK)) == flagged


def test_without_its_facts_it_is_not_evaluated(acme):
    one = acme().recordings(longer=15_000).without("activity.people_using_session_replay")

    assert (one.gap(CHECK).product, one.gap(CHECK).missing) == ("session_replay", "product_users")
    assert one.gap(CHECK).reason == "The key lacks a scope."


def test_a_product_whose_use_nothing_tells_is_not_evaluated(acme):
    gap = acme().units("surveys", 100_000).gap(CHECK)

    assert gap.reason == "not read: the pull brought no activity.people_using_surveys"


def test_a_product_in_use_beside_it_is_left_alone(acme):
    one = acme().recordings(longer=15_000).events("x", 3_000_000)

    found = one.activity("people_using_product_analytics", 3).findings(CHECK)

    assert [f.product for f in found] == ["session_replay"]


def test_add_ons_nobody_looks_at_have_checks_of_their_own(acme):
    one = acme().events("x", 2_000_000, on=["enhanced_persons", "group_analytics"])

    found = one.activity("people_using_product_analytics", 3).findings(CHECK)

    assert found == []


@pytest.mark.parametrize(("people", "flagged"), [(0, ["mobile_replay"]), (1, [])])
def test_mobile_recordings_are_watched_where_web_recordings_are(acme, people, flagged):
    one = acme().recordings(longer=50_000, meter="mobile_replay")

    found = one.activity("people_using_session_replay", people).findings(CHECK)

    assert [f.product for f in found] == flagged


@pytest.mark.parametrize(
    ("flag", "flagged"),
    [
        ({}, 0),
        ({"state": "stale"}, 1),
        ({"state": "inactive"}, 1),
        ({"name": "survey-targeting-abc"}, 1),
        ({"name": "product-tour-targeting-abc"}, 1),
        ({"name": "my-survey-targeting-abc"}, 0),
    ],
)
def test_flags_are_in_use_while_a_flag_with_a_purpose_is_on(acme, flag, flagged):
    one = acme().flags(requests=2_000_000).resource("flag", **flag)

    assert len(one.findings(CHECK)) == flagged


def test_the_saving_is_what_the_product_costs_and_nothing_else(acme):
    one = acme().recordings(longer=15_000).recordings(longer=15_000, project="2")
    one.events("x", 3_000_000).activity("people_using_product_analytics", 1)

    # 30,000 recordings over both projects: 10,000 x 0.005 + 15,000 x 0.0035 = 102.50.
    assert one.finding(CHECK).saving.alone == Decimal("102.50")


def test_the_threshold_can_be_set(acme):
    assert acme().recordings(longer=15_000).findings(CHECK, paid_usd=51) == []


def test_a_product_that_nobody_pays_for_costs_nothing(acme):
    one = acme().recordings(longer=200_000).activity("people_using_session_replay", 0)

    assert one.of(subscription_level="free").findings(CHECK) == []


@pytest.mark.parametrize(
    ("kind", "state", "flagged"),
    [
        ("batch_export", "active", 0),
        ("destination", "active", 0),
        ("experiment", "active", 0),
        ("batch_export", "inactive", 1),
        ("survey", "active", 1),
    ],
)
def test_events_that_an_export_or_an_experiment_reads_are_in_use(acme, kind, state, flagged):
    one = acme().events("x", 5_000_000).activity("people_using_product_analytics", 0)

    assert len(one.resource(kind, state).findings(CHECK)) == flagged
