"""Person profiles paid for people who were never identified."""

from decimal import Decimal

import pytest

from audit.checks import Severity

CHECK = "identified_where_anonymous_would_do"
PROFILE = ["enhanced_persons"]


def test_profiles_of_people_never_identified_are_flagged(acme):
    found = acme().events("$pageview", 700, on=PROFILE, known=False).events("x", 300).finding(CHECK)

    assert found.message == (
        "70% of Project 1's events carry a person profile of somebody who was never identified."
    )
    assert found.severity == Severity.WORTH_ATTENTION


def test_profiles_of_people_who_log_in_and_anonymous_events_are_fine(acme):
    one = acme().events("$pageview", 1000, on=PROFILE, known=True, project="log in")

    assert one.events("$pageview", 1000, project="anonymous").flagged(CHECK) == []


def test_a_fifth_of_all_billed_events_is_the_limit(acme):
    one = acme()
    for never in (0, 199, 200):
        one.events("a", never, on=PROFILE, known=False, project=str(never))
        one.events("b", 1000 - never, project=str(never))

    assert one.flagged(CHECK) == ["200"]


@pytest.mark.parametrize(
    ("never", "flagged"),
    [
        (126_237, 0),  # 126,237 x 0.000198 = 24.994926: 24.99
        (126_263, 1),  # 126,263 x 0.000198 = 25.000074: 25.00
    ],
)
def test_a_small_share_is_flagged_from_25_dollars_a_month(acme, never, flagged):
    one = acme().events("a", 1_000_000, on=PROFILE).events("b", never, on=PROFILE, known=False)

    assert len(one.findings(CHECK)) == flagged


@pytest.mark.parametrize(
    ("subject", "missing"),
    [
        ("usage_rows.enhanced_persons", "never_identified_events"),
        ("usage_rows.product_analytics", "events"),
    ],
)
def test_without_its_facts_it_is_not_evaluated(acme, subject, missing):
    gap = acme().events("a", 900, on=PROFILE, known=False).without(subject).gap(CHECK)

    assert (gap.missing, gap.reason) == (missing, "The key lacks a scope.")


def test_the_saving_keeps_the_event_and_drops_the_layers_of_the_profile(acme):
    layers = ["enhanced_persons", "group_analytics"]
    one = acme().events("a", 2_000_000, on=layers).events("b", 1_000_000, on=layers, known=False)

    # The third million costs 69.70 as identified events and 30.00 on group analytics; its 34.30
    # as plain events stay on the bill.
    assert one.finding(CHECK).saving.alone == Decimal("99.70")


@pytest.mark.parametrize(
    ("thresholds", "flagged"),
    [
        ({"never_identified_percent": 71}, 0),
        ({"never_identified_percent": 71, "at_stake_usd": 0}, 1),
    ],
)
def test_the_thresholds_can_be_set(acme, thresholds, flagged):
    one = acme().events("a", 700, on=PROFILE, known=False).events("b", 300)

    assert len(one.findings(CHECK, **thresholds)) == flagged
