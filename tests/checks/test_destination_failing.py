"""A dead destination is mended, and saves nothing."""

import pytest

CHECK = "destination_failing"


def destination(one, succeeded, failed, state="active"):
    details = {"has_filters": True, "succeeded": succeeded, "failed": failed, "billable": succeeded}
    return one.resource("destination", state, name="hook", details=details)


def test_a_destination_that_only_fails_is_flagged(acme):
    one = destination(destination(acme().events("x", 9), 0, 500), 10, 0)

    assert one.finding(CHECK).message == (
        "1 of Project 1's 2 destinations delivered nothing: every attempt failed."
    )


def test_it_is_never_a_saving(acme):
    one = destination(acme().units("realtime_destinations", 900_000), 0, 500)

    assert one.finding(CHECK).saving.alone == 0


@pytest.mark.parametrize(("succeeded", "failed"), [(1, 499), (0, 0), (50, 0)])
def test_one_delivery_or_nothing_to_deliver_is_healthy(acme, succeeded, failed):
    assert destination(acme().events("x", 9), succeeded, failed).flagged(CHECK) == []


def test_a_destination_that_is_off_is_healthy(acme):
    assert destination(acme().events("x", 9), 0, 500, "inactive").flagged(CHECK) == []


def test_deliveries_nobody_told_are_not_evaluated(acme):
    one = destination(acme().events("x", 9), None, None)

    assert one.gap(CHECK).missing == "failing_destinations"


def test_without_the_destinations_it_is_not_evaluated(acme):
    one = acme().events("x", 9).without("resources.destination")

    assert one.gap(CHECK).reason == "The key lacks a scope."
