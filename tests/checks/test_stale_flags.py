"""Flags that are on and that nothing asks for."""

import pytest

CHECK = "stale_flags"


def flags(acme, count, state="stale", prefix="old"):
    one = acme().events("x", 10)
    for number in range(count):
        one.resource("flag", state, name=f"{prefix}-{number}")
    return one


@pytest.mark.parametrize(("count", "flagged"), [(4, []), (5, ["1"]), (6, ["1"])])
def test_five_are_many(acme, count, flagged):
    assert flags(acme, count).flagged(CHECK) == flagged


def test_archiving_flags_is_never_a_saving(acme):
    one = flags(acme, 7).flags(requests=9_000_000)

    found = one.finding(CHECK)

    assert found.message == "7 flags of Project 1 are on and were not called for 30 days."
    assert found.saving.alone == 0


@pytest.mark.parametrize("state", ["active", "inactive"])
def test_flags_that_are_called_or_off_are_not_stale(acme, state):
    assert flags(acme, 9, state).flagged(CHECK) == []


def test_flags_of_surveys_and_tours_are_not_counted(acme):
    assert flags(acme, 9, prefix="survey-targeting").flagged(CHECK) == []
    assert flags(acme, 9, prefix="product-tour-targeting").flagged(CHECK) == []


def test_without_the_flags_it_is_not_evaluated(acme):
    assert flags(acme, 9).without("resources.flag").gap(CHECK).missing == "stale_flags"


def test_the_threshold_can_be_set(acme):
    assert flags(acme, 6).flagged(CHECK, stale_count=7) == []
