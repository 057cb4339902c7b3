"""Recordings of localhost and staging beside production."""

from decimal import Decimal

import pytest

CHECK = "nonproduction_recordings"


def test_recordings_of_localhost_and_staging_are_flagged_with_their_share(acme):
    one = acme().recordings(longer=18_000).recordings(longer=1_500, host="localhost")
    one.recordings(under_2=500, host="staging")

    found = one.finding(CHECK)

    assert (
        found.message == "10.0% of Project 1's web recordings are of localhost or a staging site."
    )


@pytest.mark.parametrize(("local", "flagged"), [(19, []), (20, ["1"]), (21, ["1"])])
def test_two_percent_is_enough(acme, local, flagged):
    one = acme().recordings(longer=1_000 - local).recordings(longer=local, host="localhost")

    assert one.flagged(CHECK) == flagged


def test_a_project_meant_for_staging_is_left_alone(acme):
    one = acme().recordings(longer=100).recordings(longer=9_900, host="staging")

    assert one.flagged(CHECK) == []


def test_ten_dollars_are_enough_in_a_large_project(acme):
    # 400,000 and 6,000 at 0.0017: 10.20 a month, although only 1.5 percent.
    one = acme().recordings(longer=394_000).recordings(longer=6_000, host="staging")

    assert one.finding(CHECK).saving.alone == Decimal("10.20")
    assert one.flagged(CHECK, at_stake_usd=11) == []


def test_the_saving_is_those_recordings_through_the_tiers(acme):
    # 20,000 recordings cost 10,000 x 0.005 + 5,000 x 0.0035 = 67.50; the 2,000 of localhost lie in
    # the last 5,000: 2,000 x 0.0035 = 7.00.
    one = acme().recordings(longer=18_000).recordings(longer=2_000, host="localhost")

    assert one.finding(CHECK).saving.alone == Decimal("7.00")


def test_unknown_hosts_are_not_development(acme):
    assert acme().recordings(longer=5_000, host="unknown").flagged(CHECK) == []


def test_without_the_breakdown_it_is_not_evaluated(acme):
    gap = acme().recordings(longer=100).without("usage_rows.session_replay").gap(CHECK)

    assert gap.reason == "The key lacks a scope."
