"""A few days far above what is usual, and over; a launch is none."""

import numpy as np
import pytest

CHECK = "usage_spike"


def steady(acme, recordings=1_000, days=120, **more):
    return acme(**more).daily("recordings", recordings, days=days)


def spiked(acme, recordings=20_000, *, ago=10, days=1):
    return steady(acme).daily("recordings", recordings, days=days, ago=ago)


def test_a_day_of_twenty_times_the_usual_is_flagged_with_what_it_cost(acme):
    found = spiked(acme).finding(CHECK)

    assert found.product == "session_replay"
    # 49,000 recordings: 10,000 x 0.005 + 34,000 x 0.0035 = 169.00; 30,000 cost 102.50.
    assert found.message == (
        "Session replay (web) spiked for one day, up to 20.0 times the usual day: 19,000 units "
        "more than expected, 66.50 USD of the last 30 days (estimate); it ended 10 days ago."
    )


def test_a_passed_spike_is_no_monthly_saving(acme):
    assert spiked(acme).finding(CHECK).saving.alone == 0


def test_days_in_a_row_are_one_spike(acme):
    (found,) = spiked(acme, 9_000, ago=5, days=3).findings(CHECK)

    assert "spiked for 3 days, up to 9.0 times" in found.message
    assert "24,000 units" in found.message


@pytest.mark.parametrize("days", [1, 2, 3])
def test_what_reaches_the_last_day_may_be_a_new_level_and_says_so(acme, days):
    found = spiked(acme, 20_000, ago=1, days=days).finding(CHECK)

    assert "reaches to the last known day and may be the start of a new level" in found.message


@pytest.mark.parametrize("days", [4, 7, 20])
def test_a_launch_is_no_spike(acme, days):
    assert spiked(acme, 5_000, ago=1, days=days).findings(CHECK) == []


def test_a_job_that_ran_a_month_before_is_no_spike(acme):
    monthly = spiked(acme, ago=10).daily("recordings", 20_000, days=1, ago=40)

    assert monthly.findings(CHECK) == []


def test_noise_is_no_spike(acme):
    one = acme()
    for ago, recordings in enumerate(np.random.default_rng(1).lognormal(7, 0.3, 120), start=1):
        one.daily("recordings", int(recordings), days=1, ago=ago)

    assert one.findings(CHECK) == []


@pytest.mark.parametrize(
    # The spike's units cost 0.0035 each: 7,141 of them 24.99 to the cent, 7,142 already 25.00.
    ("recordings", "flagged"),
    [(8_141, 0), (8_142, 1), (8_143, 1)],
)
def test_dollars_must_be_at_stake(acme, recordings, flagged):
    assert len(spiked(acme, recordings).findings(CHECK)) == flagged


def test_units_within_the_free_allowance_are_nothing_at_stake(acme):
    tiny = acme().daily("recordings", 10, days=120).daily("recordings", 300, days=1, ago=10)
    bill = tiny.daily("exceptions", 20_000, days=120)

    assert bill.findings(CHECK) == []


def test_usage_over_all_projects_counts(acme):
    one = steady(acme).daily("recordings", 20_000, days=1, ago=10, project="2")

    # 1,000 of the first project and 20,000 of the second.
    assert "21.0 times the usual day" in one.finding(CHECK).message


def test_unknown_days_before_it_do_not_hide_it(acme):
    one = acme().daily("recordings", 1_000, days=40, ago=81)
    one.daily("recordings", 1_000, days=60).daily("recordings", 20_000, days=1, ago=10)

    assert len(one.findings(CHECK)) == 1


def test_without_daily_usage_it_is_not_evaluated(acme):
    gap = spiked(acme).without("usage_daily", "No access to billing.").gap(CHECK)

    assert (gap.product, gap.missing) == ("session_replay", "spike_probability")
    assert gap.reason == "No access to billing."


def test_a_product_without_a_counter_is_not_evaluated(acme):
    one = acme().recordings(longer=30_000).daily("exceptions", 10, days=120)

    assert one.gap(CHECK).reason == "the daily usage names no counter of this product"


def test_with_a_short_history_it_is_not_evaluated(acme):
    one = steady(acme, days=57).daily("recordings", 20_000, days=1, ago=10)

    assert one.gap(CHECK).reason == (
        "fewer than 28 days of usage are known before the last 30, or none of the last week"
    )


def test_with_four_weeks_of_history_it_is_evaluated(acme):
    one = steady(acme, days=58).daily("recordings", 20_000, days=1, ago=10)

    assert len(one.findings(CHECK)) == 1


def test_days_from_the_audit_on_are_not_looked_at(acme):
    assert spiked(acme, ago=0).findings(CHECK) == []


def test_the_verdict_on_a_product_heeds_how_many_are_tested(acme):
    # 1.16 times the usual day on a calm product: the chance of that is asked of each product.
    one = steady(acme, 200_000).daily("recordings", 232_000, days=1, ago=10)
    alone = chance(one)
    for counter in ("exceptions", "survey_responses"):
        one.daily(counter, 10_000, days=120)

    assert 0.001 < alone < 0.1
    assert chance(one) == pytest.approx(3 * alone, rel=0.05)


def chance(one):
    found = one.finding(CHECK, chance_percent=100, at_stake_usd=1)
    return next(e.value for e in found.evidence if e.fact == "spike_probability")


def test_the_thresholds_can_be_set(acme):
    assert spiked(acme).findings(CHECK, at_stake_usd=67) == []
    assert spiked(acme).findings(CHECK, chance_percent=0) == []


def test_a_tiny_chance_is_not_shown_as_none(acme):
    assert 0 < chance(spiked(acme)) < 1e-4


def test_a_fixed_fee_does_not_spike(acme):
    one = spiked(acme).subscription("teams")

    assert [f.product for f in one.findings(CHECK)] == ["session_replay"]
