"""A unit that gets dearer."""

import pytest

CHECK = "unit_cost_rising"
MONTHS = ("2026-06", "2026-07", "2026-08", "2026-09", "2026-10")


def periods(acme, *amounts, quantity=1_000_000, product="product_analytics"):
    """Complete periods of 1,000,000 units, oldest first, the last of them ends in October."""
    one = acme().limit(product, 9_000)
    for place, usd in enumerate(amounts):
        start, end = MONTHS[-len(amounts) - 1 + place : len(MONTHS) - len(amounts) + place + 1]
        one.line(product, usd, start=f"{start}-05", end=f"{end}-05", quantity=quantity)
    return one


def test_a_rise_over_three_periods_is_flagged(acme):
    assert periods(acme, 300, 310, 350, 450).finding(CHECK).message == (
        "A unit of Product analytics costs 50% more than three periods ago: $150.00 a month "
        "(actual, before discounts)."
    )


@pytest.mark.parametrize(("last", "flagged"), [(1_150, 0), (1_151, 1)])
def test_fifteen_percent_are_fine(acme, last, flagged):
    assert len(periods(acme, 1_000, 1, 1, last).findings(CHECK)) == flagged


@pytest.mark.parametrize(("last", "flagged"), [(149, 0), (150, 1)])
def test_less_than_fifty_dollars_are_no_reason_to_write(acme, last, flagged):
    assert len(periods(acme, 100, 1, 1, last).findings(CHECK)) == flagged


def test_a_unit_that_gets_cheaper_is_healthy(acme):
    assert periods(acme, 900, 800, 700, 600).findings(CHECK) == []


def test_three_periods_are_too_few(acme):
    gap = periods(acme, 300, 400, 500).gap(CHECK)

    assert gap.reason == (
        "fewer than four complete billing periods with an amount and a quantity are known"
    )


def test_without_the_bills_it_is_not_evaluated(acme):
    one = periods(acme, 300, 310, 350, 450).without("bill_lines")

    assert one.gap(CHECK).missing == "unit_cost_rise_percent"
