"""Flags that have been on for everybody for a month."""

import pytest

CHECK = "flags_fully_rolled_out"


def flag(acme, rollout, updated_at, **more):
    one = acme().events("x", 10)
    details = {"rollout_percentage": rollout}
    return one.resource("flag", **more, name="done", updated_at=updated_at, details=details)


@pytest.mark.parametrize(
    ("changed", "flagged"),
    [("2026-10-02", []), ("2026-10-01", ["1"]), ("2026-09-01", ["1"])],  # as of 2026-11-01
)
def test_more_than_thirty_days_are_long(acme, changed, flagged):
    assert flag(acme, 100, changed).flagged(CHECK) == flagged


def test_the_sentence_names_the_longest(acme):
    one = flag(acme, 100, "2026-08-03")
    one.resource("flag", name="b", updated_at="2026-10-30", details={"rollout_percentage": 100})

    found = one.finding(CHECK)

    assert found.message == ("2 flags of Project 1 are on for everybody, the oldest for 90 days.")
    assert found.saving.alone == 0


@pytest.mark.parametrize("rollout", [None, 0, 99])
def test_a_flag_that_decides_something_is_healthy(acme, rollout):
    assert flag(acme, rollout, "2026-01-01").flagged(CHECK) == []


def test_a_flag_that_is_off_is_healthy(acme):
    assert flag(acme, 100, "2026-01-01", state="inactive").flagged(CHECK) == []


def test_without_the_flags_it_is_not_evaluated(acme):
    one = flag(acme, 100, "2026-01-01").without("resources.flag")

    assert one.gap(CHECK).missing == "oldest_full_rollout_days"


def test_the_threshold_can_be_set(acme):
    assert flag(acme, 100, "2026-09-01").flagged(CHECK, rolled_out_days=61) == []
