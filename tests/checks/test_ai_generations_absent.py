"""AI events and no generation."""

import pytest

CHECK = "ai_generations_absent"


def ai(acme, events, generations):
    one = acme().activity("ai_events", events)
    return one.activity("ai_generations", generations)


def test_events_without_a_generation_are_flagged(acme):
    found = ai(acme, 1_200, 0).finding(CHECK)

    assert found.message == "Project 1 sent 1,200 AI events and not one generation."
    assert found.saving.alone == 0


@pytest.mark.parametrize(("events", "generations"), [(0, 0), (1_200, 1), (50, 50)])
def test_no_events_or_one_generation_is_healthy(acme, events, generations):
    assert ai(acme, events, generations).flagged(CHECK) == []


def test_a_single_event_is_enough_and_the_threshold_can_be_set(acme):
    assert ai(acme, 1, 0).flagged(CHECK) == ["1"]
    assert ai(acme, 1, 0).flagged(CHECK, ai_events_count=2) == []


@pytest.mark.parametrize("measure", ["ai_events", "ai_generations"])
def test_without_a_measure_it_is_not_evaluated(acme, measure):
    assert ai(acme, 9, 0).without(f"activity.{measure}").gap(CHECK).missing == measure
