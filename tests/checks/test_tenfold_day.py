"""A day of ten times the usual: bots, perhaps."""

import pytest

CHECK = "tenfold_day"


def with_day(acme, recordings, *, usual=1_000, ago=10):
    one = acme().daily("recordings", usual, days=120)
    return one.daily("recordings", recordings, days=1, ago=ago)


def test_a_sudden_day_is_flagged_for_the_team(acme):
    found = with_day(acme, 20_000).finding(CHECK)

    assert found.message == (
        "Session replay (web) had 20 times its usual day 10 days ago: 66.50 USD of the last 30 "
        "days (estimate)."
    )
    assert (found.audience, found.saving.alone) == ("team", 0)


@pytest.mark.parametrize(("recordings", "flagged"), [(9_999, 0), (10_000, 1), (10_001, 1)])
def test_ten_times_is_where_it_begins(acme, recordings, flagged):
    assert len(with_day(acme, recordings).findings(CHECK)) == flagged


def test_the_days_before_it_are_what_counts(acme):
    # It fell to 100 a day a week before: 1,500 is 1.5 times the median of four weeks.
    one = acme().daily("recordings", 1_000, days=120).daily("recordings", 100, days=8, ago=3)

    assert one.daily("recordings", 1_500, days=1, ago=2).findings(CHECK) == []


def test_a_launch_of_ten_times_is_a_sudden_day_too(acme):
    one = acme().daily("recordings", 1_000, days=120).daily("recordings", 10_000, days=12)

    assert len(one.findings(CHECK)) == 1


def test_usage_that_grew_tenfold_in_the_month_is_not_sudden(acme):
    one = acme()
    for ago in range(1, 121):
        one.daily("recordings", round(20_000 * 0.926**ago), days=1, ago=ago)

    assert one.findings(CHECK) == []


def test_a_single_use_of_what_is_rarely_used_needs_dollars(acme):
    one = acme().daily("exceptions", 20_000, days=120)
    one.daily("recordings", 0, days=120).daily("recordings", 5_999, days=1, ago=4)

    # 999 x 0.005 = 4.995, five dollars to the cent; one recording less costs 4.99.
    assert [f.product for f in one.findings(CHECK)] == ["session_replay"]
    assert one.daily("recordings", 5_998, days=1, ago=4).findings(CHECK) == []


def test_yesterday_is_called_so(acme):
    assert "its usual day yesterday" in with_day(acme, 20_000, ago=1).finding(CHECK).message


@pytest.mark.parametrize(("before", "known"), [(20, False), (21, True)])
def test_three_weeks_before_it_must_be_known(acme, before, known):
    one = acme().daily("recordings", 20_000, days=1).daily("recordings", 1_000, days=before, ago=2)

    if known:
        assert len(one.findings(CHECK)) == 1
    else:
        assert one.gap(CHECK).reason == (
            "fewer than 21 of the 28 days before the highest are known"
        )


def test_without_daily_usage_it_is_not_evaluated(acme):
    gap = with_day(acme, 20_000).without("usage_daily", "No access to billing.").gap(CHECK)

    assert (gap.missing, gap.reason) == ("peak_day_ratio", "No access to billing.")


def test_the_thresholds_can_be_set(acme):
    assert with_day(acme, 20_000).findings(CHECK, sudden_ratio=21) == []
    assert with_day(acme, 20_000).findings(CHECK, at_stake_usd=67) == []
    assert len(with_day(acme, 5_000).findings(CHECK, sudden_ratio=5)) == 1
