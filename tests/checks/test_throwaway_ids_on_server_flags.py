"""Servers that check flags with a new id each time."""

import pytest

CHECK = "throwaway_ids_on_server_flags"


def servers(acme, calls, people):
    one = acme().activity("server_flag_calls", calls)
    return one.activity("server_flag_people", people)


def test_a_new_id_for_every_call_is_flagged_and_prices_nothing(acme):
    found = servers(acme, 50_000, 49_000).finding(CHECK)

    assert found.message == (
        "Servers of Project 1 checked flags 50,000 times with 49,000 different ids: almost a new "
        "one every time."
    )
    assert found.saving.alone == 0


@pytest.mark.parametrize(("people", "flagged"), [(8_999, []), (9_000, ["1"]), (9_001, ["1"])])
def test_ninety_ids_per_hundred_calls_are_too_many(acme, people, flagged):
    assert servers(acme, 10_000, people).flagged(CHECK) == flagged


@pytest.mark.parametrize(("calls", "flagged"), [(9_999, []), (10_000, ["1"])])
def test_few_calls_say_nothing(acme, calls, flagged):
    assert servers(acme, calls, calls).flagged(CHECK) == flagged


def test_a_service_with_its_users_ids_is_healthy(acme):
    assert servers(acme, 2_000_000, 40_000).flagged(CHECK) == []


@pytest.mark.parametrize("measure", ["server_flag_calls", "server_flag_people"])
def test_without_a_measure_it_is_not_evaluated(acme, measure):
    one = servers(acme, 10_000, 10_000).without(f"activity.{measure}")

    assert one.gap(CHECK).missing == measure
