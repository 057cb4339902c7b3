"""The policy's test of a refundable spike: this month against the three before."""

import pytest

CHECK = "spike_refundable"


def month(acme, recordings, *, baseline=1_000, extra=0, ago=10):
    """``extra`` recordings on one of the days."""
    one = acme().daily("recordings", baseline, days=90, ago=31).daily("recordings", recordings)
    return one.daily("recordings", recordings + extra, days=1, ago=ago)


def test_a_month_far_above_the_three_before_is_flagged_for_the_team(acme):
    found = month(acme, 4_000).finding(CHECK)

    # 120,000 recordings cost 50 + 122.50 + 70,000 x 0.002 = 312.50; 30,000 cost 102.50.
    assert found.message == (
        "Session replay (web) used 4.0 times the mean of the three months before (above three "
        "times, the literal reading of 200 percent): 210.00 USD above it (estimate)."
    )
    assert found.audience == "team"


@pytest.mark.parametrize(("extra", "flagged"), [(-1, 0), (0, 0), (1, 1)])
def test_above_three_times_the_mean_is_meant(acme, extra, flagged):
    # The mean is 30,000; three times that is 90,000.
    assert len(month(acme, 3_000, extra=extra).findings(CHECK)) == flagged


@pytest.mark.parametrize(("extra", "flagged"), [(-1, 0), (0, 0), (1, 1)])
def test_the_other_reading_is_twice_the_mean_and_is_named(acme, extra, flagged):
    found = month(acme, 2_000, extra=extra).findings(CHECK, spike_percent=100)

    assert len(found) == flagged
    assert all("wider reading" in one.message for one in found)


def test_the_mean_is_of_all_three_months(acme):
    # 60, 30 and 0 thousand before: 30,000 on average; 90,001 is just above three times that.
    one = acme().daily("recordings", 0, days=30, ago=31).daily("recordings", 1_000, days=30, ago=61)
    one.daily("recordings", 2_000, days=30, ago=91).daily("recordings", 3_000)

    assert one.findings(CHECK) == []
    assert len(one.daily("recordings", 3_001, days=1).findings(CHECK)) == 1


def test_steady_use_is_healthy(acme):
    assert month(acme, 1_000).findings(CHECK) == []


def test_a_product_first_used_this_month_has_no_baseline_to_exceed(acme):
    assert month(acme, 3_000, baseline=0).findings(CHECK) == []


def test_nothing_paid_is_nothing_to_refund(acme):
    one = month(acme, 150, baseline=10).daily("exceptions", 20_000, days=120)

    assert one.findings(CHECK) == []


@pytest.mark.parametrize(
    # 5,000 are free; 5,199 cost 0.995, a dollar to the cent, and 5,198 cost 0.99.
    ("extra", "flagged"),
    [(97, 0), (98, 0), (99, 1), (100, 1)],
)
def test_a_dollar_must_be_at_stake(acme, extra, flagged):
    # 170 x 30 = 5,100, and some more; the baseline of 900 is free.
    assert len(month(acme, 170, baseline=30, extra=extra).findings(CHECK)) == flagged


def test_a_day_that_is_not_known_leaves_it_open(acme):
    one = acme().daily("recordings", 1_000, days=89, ago=31).daily("recordings", 4_000)

    assert one.gap(CHECK).reason == "daily usage is not known for all of the last 120 days"


def test_a_hole_within_leaves_it_open_too(acme):
    one = acme().daily("recordings", 1_000, days=90, ago=31).daily("recordings", 4_000, days=10)
    one.daily("recordings", 4_000, days=19, ago=12)

    assert one.gap(CHECK).missing == "period_quantity"


def test_without_daily_usage_it_is_not_evaluated(acme):
    gap = month(acme, 4_000).without("usage_daily", "No access to billing.").gap(CHECK)

    assert gap.reason == "No access to billing."


def test_a_fixed_fee_is_no_spike(acme):
    one = month(acme, 4_000).subscription("teams")

    assert [f.product for f in one.findings(CHECK)] == ["session_replay"]


def test_the_thresholds_can_be_set(acme):
    assert month(acme, 4_000).findings(CHECK, at_stake_usd=211) == []
    assert month(acme, 4_000).findings(CHECK, spike_percent=301) == []
    assert "under the threshold set here" in (
        month(acme, 1_500).finding(CHECK, spike_percent=40).message
    )
