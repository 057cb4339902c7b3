"""A level that moved and stayed: a launch or a change."""

import pytest

from audit.checks import Severity

CHECK = "usage_step"


def stepped(acme, after=3_000, *, before=1_000, days=12):
    return acme().daily("recordings", before, days=120).daily("recordings", after, days=days)


def test_a_launch_is_told_as_one_with_what_it_costs_a_month(acme):
    found = stepped(acme).finding(CHECK)

    # 90,000 recordings cost 50 + 35,000 x 0.0035 + 40,000 x 0.002 = 252.50; 30,000 cost 102.50.
    assert found.message == (
        "Session replay (web) moved to 3 times its level 12 days ago and stayed: a launch or a "
        "change, not a spike. A month at the new level costs about 150.00 USD more (estimate)."
    )
    assert found.saving.alone == 0


@pytest.mark.parametrize(
    # 47,142 a month cost 59.997 more than 30,000 do, 70,000 cost 110.00 more: 52.5 and 57.5.
    ("after", "severity"),
    [(2_000, Severity.INFORMATION), (3_000, Severity.WORTH_ATTENTION)],
)
def test_a_dear_rise_is_worth_attention(acme, after, severity):
    assert stepped(acme, after).finding(CHECK).severity is severity


def test_a_fall_is_information(acme):
    found = stepped(acme, 1_000, before=5_000).finding(CHECK)

    assert found.severity is Severity.INFORMATION
    assert "0.2 times its level" in found.message
    assert "USD less" in found.message


@pytest.mark.parametrize(("days", "flagged"), [(6, 0), (7, 1), (8, 1), (29, 1), (31, 0)])
def test_it_has_stayed_for_a_week_and_is_not_older_than_the_month(acme, days, flagged):
    assert len(stepped(acme, days=days).findings(CHECK)) == flagged


def test_a_spike_that_is_over_is_no_step(acme):
    one = acme().daily("recordings", 1_000, days=120)

    assert one.daily("recordings", 20_000, days=3, ago=10).findings(CHECK) == []


def test_a_campaign_that_is_over_is_no_step(acme):
    one = acme().daily("recordings", 1_000, days=120)

    assert one.daily("recordings", 4_000, days=10, ago=10).findings(CHECK) == []


def test_growth_is_no_step(acme):
    one = acme()
    for ago in range(1, 121):
        one.daily("recordings", round(3_000 * 0.985**ago), days=1, ago=ago)

    assert one.findings(CHECK) == []


@pytest.mark.parametrize(
    # At 0.0035 each, 7,141 recordings a month cost 24.99; 238 a day are 7,140, 239 are 7,170.
    ("more", "flagged"),
    [(237, 0), (238, 0), (239, 1)],
)
def test_dollars_must_be_at_stake(acme, more, flagged):
    assert len(stepped(acme, 1_000 + more).findings(CHECK)) == flagged


def test_without_daily_usage_it_is_not_evaluated(acme):
    gap = stepped(acme).without("usage_daily", "No access to billing.").gap(CHECK)

    assert (gap.missing, gap.reason) == ("step_probability", "No access to billing.")


def test_with_a_short_history_it_is_not_evaluated(acme):
    one = acme().daily("recordings", 1_000, days=57)

    assert one.gap(CHECK).missing == "step_probability"


def test_the_thresholds_can_be_set(acme):
    assert stepped(acme).findings(CHECK, at_stake_usd=151) == []
    assert stepped(acme).findings(CHECK, chance_percent=0) == []
    found = stepped(acme).finding(CHECK, attention_usd=151)
    assert found.severity is Severity.INFORMATION
