"""A newest bill far above the usual one, in the days in which it can be given back."""

import pytest

CHECK = "refund_window_open"


def bills(one, *totals, issued="2026-10-02"):
    """One invoice a month, the last of September; ``issued`` is that one's day."""
    for back, total in enumerate(reversed(totals)):
        start, end = f"2026-{9 - back:02d}-01", f"2026-{10 - back:02d}-01"
        one.invoice(total, period_start=start, period_end=end, issued_at=end if back else issued)
    return one


def test_a_bill_of_four_times_the_usual_is_flagged(acme):
    found = bills(acme(), 90, 110, 100, 400).finding(CHECK)

    assert found.message == (
        "The newest bill, $400.00 (actual) 30 days ago, is 4.0 times the usual one; it can still "
        "be given back."
    )


def test_a_first_bill_needs_no_usual_one(acme):
    assert "is the first;" in bills(acme(), 400).finding(CHECK).message


@pytest.mark.parametrize(("newest", "is_flagged"), [(300, False), (300.01, True)])
def test_three_times_the_usual_bill_is_the_boundary(acme, newest, is_flagged):
    assert bool(bills(acme(), 100, 100, 100, newest).findings(CHECK)) is is_flagged


@pytest.mark.parametrize(
    ("issued", "is_flagged"), [("2026-10-02", True), ("2026-10-01", False), ("2026-11-01", True)]
)
def test_the_window_is_thirty_days(acme, issued, is_flagged):
    assert bool(bills(acme(), 100, 400, issued=issued).findings(CHECK)) is is_flagged


def test_without_a_day_of_issue_the_end_of_the_period_stands_in(acme):
    one = acme().invoice(400, period_start="2026-09-10", period_end="2026-10-10")

    assert one.finding(CHECK)


def test_a_bill_that_grew_with_the_customer_is_healthy(acme):
    assert bills(acme(), 100, 150, 220, 330).findings(CHECK) == []


def test_only_the_three_bills_before_are_the_usual_one(acme):
    # 1,000 lies four bills back: the mean of the three before is 100.
    assert bills(acme(), 1_000, 100, 100, 100, 400).finding(CHECK)


def test_an_organization_without_invoices_is_healthy(acme):
    assert acme().findings(CHECK) == []


@pytest.mark.parametrize(("total", "is_flagged"), [(1, False), (1.01, True)])
def test_a_dollar_is_no_bill(acme, total, is_flagged):
    assert bool(bills(acme(), total).findings(CHECK)) is is_flagged


def test_without_invoices_read_it_is_not_evaluated(acme):
    gap = acme().without("invoices").gap(CHECK)

    assert (gap.missing, gap.reason) == ("days_since_billing", "The key lacks a scope.")


@pytest.mark.parametrize(
    "thresholds", [{"window_days": 29}, {"usual_ratio": 4}, {"first_bill_usd": 400}]
)
def test_the_thresholds_can_be_set(acme, thresholds):
    assert bills(acme(), 100, 400).findings(CHECK, **thresholds) == []
