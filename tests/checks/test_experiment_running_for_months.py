"""An experiment nobody ends."""

import pytest

CHECK = "experiment_running_for_months"


def experiment(acme, started, state="active", **more):
    one = acme().events("x", 10)
    return one.resource("experiment", state, name="a/b", details={"start_date": started}, **more)


@pytest.mark.parametrize(
    ("started", "flagged"),
    [("2026-08-03", []), ("2026-08-02", ["1"]), ("2025-11-01", ["1"])],  # as of 2026-11-01
)
def test_more_than_ninety_days_are_months(acme, started, flagged):
    assert experiment(acme, started).flagged(CHECK) == flagged


def test_it_says_how_long_and_prices_nothing(acme):
    found = experiment(acme, "2026-05-05T10:00:00Z").flags(requests=5_000_000).finding(CHECK)

    assert found.message == "An experiment of Project 1 has been running for 180 days."
    assert found.saving.alone == 0


@pytest.mark.parametrize("state", ["complete", "draft", "inactive"])
def test_an_experiment_that_does_not_run_is_healthy(acme, state):
    assert experiment(acme, "2025-01-01", state).flagged(CHECK) == []


def test_without_a_start_the_day_it_was_made_counts(acme):
    one = experiment(acme, None, created_at="2026-01-01")

    assert one.flagged(CHECK) == ["1"]


def test_without_the_experiments_it_is_not_evaluated(acme):
    one = experiment(acme, "2025-01-01").without("resources.experiment")

    assert one.gap(CHECK).missing == "oldest_experiment_days"


def test_the_threshold_can_be_set(acme):
    assert experiment(acme, "2026-07-01").flagged(CHECK, running_days=200) == []
