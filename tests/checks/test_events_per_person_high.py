"""More events per person than the highest published benchmark."""

import pytest

from audit.checks import Severity

CHECK = "events_per_person_high"


def behaviour(one, events, people, *, project="1"):
    one.activity("behaviour_events", events, project=project)
    return one.activity("behaviour_people", people, project=project)


def test_far_more_than_any_benchmark_is_said_for_information(acme):
    found = behaviour(acme(), 1_234_500, 1_000).finding(CHECK)

    assert found.message == (
        "Project 1 sends 1,234 events per person and month; published benchmarks are 8 to 583."
    )
    assert (found.severity, found.saving.alone) == (Severity.INFORMATION, 0)


def test_the_highest_benchmark_is_fine_and_one_more_is_not(acme):
    one = acme()
    for events in (58_299, 58_300, 58_301):
        behaviour(one, events, 100, project=str(events))

    assert one.flagged(CHECK) == ["58301"]


@pytest.mark.parametrize(
    ("days", "events", "flagged"),
    [(60, 116_600, []), (60, 116_601, ["1"]), (7, 58_300, []), (7, 58_301, ["1"])],
)
def test_a_longer_window_is_brought_to_a_month_and_a_shorter_is_not_stretched(
    acme, days, events, flagged
):
    assert behaviour(acme(days=days), events, 100).flagged(CHECK) == flagged


def test_bots_and_internal_users_are_billed_and_are_no_behaviour(acme):
    # A million billed events of one person, nearly all by bots: behaviour is 583 of them.
    one = acme().events("x", 1_000_000).activity("bot_events", 999_000).activity("people", 1)

    assert behaviour(one, 583, 1).flagged(CHECK) == []


def test_events_of_nobody_are_no_ratio(acme):
    assert behaviour(acme(), 5_000, 0).flagged(CHECK) == []


@pytest.mark.parametrize("missing", ["behaviour_events", "behaviour_people"])
def test_without_its_facts_it_is_not_evaluated(acme, missing):
    gap = behaviour(acme(), 100_000, 100).without(f"activity.{missing}").gap(CHECK)

    assert (gap.missing, gap.reason) == (missing, "The key lacks a scope.")


def test_the_threshold_can_be_set(acme):
    one = behaviour(acme(), 100_000, 100)

    assert one.findings(CHECK, events_per_person_count=1_000) == []
