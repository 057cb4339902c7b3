"""Recordings in which nobody does anything."""

from decimal import Decimal

import pytest

from audit.findings.examine import examine

CHECK = "idle_recordings"


def test_idle_recordings_are_flagged_with_their_share(acme):
    one = acme().recordings(longer=20_000).activity("idle_recordings", 4_000)

    assert one.finding(CHECK).message == (
        "20% of Project 1's web recordings last half an hour or longer and show next to no "
        "activity."
    )


@pytest.mark.parametrize(("idle", "flagged"), [(49, []), (50, ["1"]), (51, ["1"])])
def test_five_percent_is_enough(acme, idle, flagged):
    one = acme().recordings(longer=1_000).activity("idle_recordings", idle)

    assert one.flagged(CHECK) == flagged


def test_long_recordings_with_activity_are_healthy(acme):
    assert acme().recordings(longer=50_000).activity("idle_recordings", 0).flagged(CHECK) == []


def test_the_saving_is_the_idle_ones_at_the_tiers_they_lie_in(acme):
    # 25,000 recordings, 20,000 of five seconds or longer, 5,000 of these idle:
    # bill 10,000 x 0.005 + 10,000 x 0.0035 = 85.00, without them 67.50.
    one = acme().recordings(under_2=5_000, longer=20_000).activity("idle_recordings", 5_000)

    assert one.finding(CHECK).saving.alone == Decimal("17.50")


def test_without_the_measure_it_is_not_evaluated(acme):
    gap = acme().recordings(longer=100).without("activity.idle_recordings").gap(CHECK)

    assert (gap.missing, gap.reason) == ("idle_recordings", "The key lacks a scope.")


def test_the_threshold_can_be_set(acme):
    one = acme().recordings(longer=1_000).activity("idle_recordings", 50)

    assert one.flagged(CHECK, idle_percent=6) == []


def test_idle_recordings_of_a_test_host_are_not_saved_a_second_time(acme):
    # 300,000 cost 627.50. Without the 100,000 of localhost, which may be all the idle ones there
    # are, 457.50: two findings, and 170.00 between them.
    one = acme().recordings(longer=200_000).recordings(longer=100_000, host="localhost")
    audit = examine(
        one.activity("idle_recordings", 100_000).account(), only=[CHECK, "nonproduction_recordings"]
    )

    assert [finding.saving.alone for finding in audit.findings] == [Decimal("170.00")] * 2
    assert audit.joint_saving == Decimal("170.00")


def test_idle_recordings_beyond_those_of_test_hosts_are_of_real_ones(acme):
    one = acme().recordings(longer=200_000).recordings(longer=100_000, host="localhost")
    audit = examine(
        one.activity("idle_recordings", 150_000).account(), only=[CHECK, "nonproduction_recordings"]
    )

    # 150,000 of 300,000 stay: 10,000 x 0.005 + 35,000 x 0.0035 + 100,000 x 0.002 = 372.50.
    assert audit.joint_saving == Decimal("255.00")
