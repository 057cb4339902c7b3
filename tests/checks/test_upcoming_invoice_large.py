"""A forecast of twice the usual invoice, or five hundred dollars above it."""

import pytest

from audit.checks import Severity
from audit.checks.contract import Audience, load_checks

CHECK = "upcoming_invoice_large"


def invoiced(acme, *totals, forecast=0):
    """Paid invoices of past months, the newest first."""
    one = acme().of(projected_total_after_discount_usd=forecast)
    for back, total in enumerate(totals):
        month = 10 - back
        one.invoice(total, period_start=f"2026-{month - 1:02}-20", period_end=f"2026-{month:02}-20")
    return one


@pytest.mark.parametrize(("forecast", "is_flagged"), [(399, False), (400, True), (401, True)])
def test_twice_the_mean_is_flagged(acme, forecast, is_flagged):
    one = invoiced(acme, 100, 200, 300, forecast=forecast)

    assert bool(one.findings(CHECK)) is is_flagged


@pytest.mark.parametrize(("forecast", "is_flagged"), [(2_499, False), (2_500, True)])
def test_five_hundred_dollars_above_it_are_flagged(acme, forecast, is_flagged):
    assert bool(invoiced(acme, 2_000, forecast=forecast).findings(CHECK)) is is_flagged


@pytest.mark.parametrize(("forecast", "is_flagged"), [(49, False), (50, True)])
def test_twice_of_little_is_little(acme, forecast, is_flagged):
    assert bool(invoiced(acme, 10, forecast=forecast).findings(CHECK)) is is_flagged


def test_the_customer_reads_it_with_both_sums(acme):
    found = invoiced(acme, 100, 200, 300, forecast=900).finding(CHECK)

    assert load_checks()[CHECK].audience is Audience.CUSTOMER
    assert found.severity is Severity.NEEDS_ACTION
    assert found.message == (
        "The next invoice is forecast at $900.00 (estimate); the last ones were $200.00 on average "
        "(actual)."
    )


def test_only_the_last_three_paid_invoices_count(acme):
    # The mean of all five would be 60.00.
    assert invoiced(acme, 90, 90, 90, 20, 10, forecast=179).findings(CHECK) == []


@pytest.mark.parametrize(
    "other",
    [
        {"status": "open"},
        {"status": "void"},
        {"period_start": "2025-10-20", "period_end": "2026-10-20"},
        {"period_start": "2026-11-20", "period_end": "2026-12-20"},
    ],
)
def test_invoices_unpaid_of_a_year_or_yet_to_come_do_not_count(acme, other):
    one = invoiced(acme, 100, forecast=200).invoice(5_000, **other)

    assert len(one.findings(CHECK)) == 1


def test_invoices_of_nothing_do_not_count(acme):
    assert invoiced(acme, 100, 0, 0, forecast=199).findings(CHECK) == []


def test_without_a_paid_invoice_there_is_nothing_to_compare_with(acme):
    assert invoiced(acme, forecast=900).gap(CHECK).missing == "mean_paid_invoice_usd"


def test_without_invoices_it_is_not_evaluated(acme):
    gap = invoiced(acme, 100, forecast=900).without("invoices").gap(CHECK)

    assert (gap.missing, gap.reason) == ("mean_paid_invoice_usd", "The key lacks a scope.")


def test_the_thresholds_can_be_set(acme):
    one = invoiced(acme, 100, 200, 300, forecast=900)

    assert one.findings(CHECK, usual_ratio=5, above_usd=701) == []
    assert one.findings(CHECK, invoice_usd=901) == []
