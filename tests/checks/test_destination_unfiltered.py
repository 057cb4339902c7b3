"""A destination that takes every event."""

import pytest

CHECK = "destination_unfiltered"


def destinations(acme, *filtered, units=100_000):
    one = acme().daily("cdp_billable_invocations_in_period", units // 30)
    for has_filters in filtered:
        one.resource(
            "destination", details={"has_filters": has_filters, "succeeded": 1, "failed": 0}
        )
    return one


def test_a_destination_without_a_filter_is_flagged_with_what_all_cost(acme):
    # 99,990 invocations: 40,000 x 0.0005 + 49,990 x 0.0003 = 34.997.
    assert destinations(acme, False, True).finding(CHECK).message == (
        "1 destination of Project 1 takes every event; realtime destinations cost $35.00 a month "
        "(estimate)."
    )


def test_no_saving_is_claimed_since_the_noise_is_not_known(acme):
    assert destinations(acme, False).finding(CHECK).saving.alone == 0


def test_filtered_destinations_are_healthy(acme):
    assert destinations(acme, True, True).flagged(CHECK) == []


@pytest.mark.parametrize(
    ("units", "flagged"),
    [(29_970, []), (30_000, ["1"])],  # (30,000 - 10,000) x 0.0005 = 10.00
)
def test_ten_dollars_are_the_least(acme, units, flagged):
    assert destinations(acme, False, units=units).flagged(CHECK) == flagged


def test_without_the_destinations_it_is_not_evaluated(acme):
    one = destinations(acme, False).without("resources.destination")

    assert one.gap(CHECK).missing == "unfiltered_destinations"
