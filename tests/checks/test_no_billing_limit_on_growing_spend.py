"""Spend that grows and nobody set a limit."""

import pytest

CHECK = "no_billing_limit_on_growing_spend"
COUNTER = "event_count_in_period"


def growth(acme, now, before):
    """Events a day in the window and in the 30 days before it."""
    return acme().daily(COUNTER, now).daily(COUNTER, before, ago=31)


def test_growth_without_a_limit_is_flagged_in_dollars(acme):
    # 6,000,000 events: 50 + 4,000,000 x 0.0000343 = 187.20; 2,000,000 before: 50.00.
    assert (
        growth(acme, 200_000, 66_667)
        .finding(CHECK)
        .message.startswith(
            "Thirty days of usage cost $137.20 more than the thirty before (estimate)"
        )
    )


def test_a_limit_of_ones_own_makes_it_healthy(acme):
    assert growth(acme, 200_000, 66_667).limit("product_analytics", 900).findings(CHECK) == []


def test_a_default_limit_does_not(acme):
    one = growth(acme, 200_000, 66_667).limit("data_warehouse", 500, billed=0)

    assert len(one.findings(CHECK)) == 1


@pytest.mark.parametrize(
    ("now", "before"), [(200_000, 190_000), (60_000, 34_000), (66_667, 200_000)]
)
def test_slow_small_or_falling_spend_is_healthy(acme, now, before):
    assert growth(acme, now, before).findings(CHECK) == []


def test_without_the_days_before_it_is_not_evaluated(acme):
    gap = acme().daily(COUNTER, 200_000).gap(CHECK)

    assert gap.missing == "previous_usage_cost_usd"
    assert gap.reason == "daily usage is not known for the whole window before this one"


def test_the_thresholds_can_be_set(acme):
    one = growth(acme, 200_000, 66_667)

    assert one.findings(CHECK, growth_usd=138) == []
    assert len(one.findings(CHECK, growth_usd=137)) == 1
