"""The first bill above a dollar, invoiced or forecast."""

import pytest

from audit.checks import Audience, Severity

CHECK = "first_bill_refundable"


def month(number, total, one, **more):
    row = {"period_start": f"2026-{number:02d}-01", "period_end": f"2026-{number + 1:02d}-01"}
    return one.invoice(total, issued_at=row["period_end"], **row, **more)


def test_a_first_invoice_is_flagged_for_the_team(acme):
    found = month(9, 84.30, acme()).finding(CHECK)

    assert found.message == (
        "Acme's first bill, $84.30, was invoiced (actual); it may be given back once."
    )
    assert (found.severity, found.audience) == (Severity.INFORMATION, Audience.TEAM)


def test_where_none_was_sent_the_forecast_stands_in(acme):
    found = acme().crm(forecasted_mrr_usd=120).finding(CHECK)

    assert found.message == (
        "Acme's first bill, $120.00, is forecast (estimate); it may be given back once."
    )


@pytest.mark.parametrize(("before", "is_flagged"), [(0, True), (1, True), (1.01, False)])
def test_bills_of_nothing_before_it_do_not_count(acme, before, is_flagged):
    one = month(9, 84.30, month(8, before, acme()))

    assert bool(one.findings(CHECK)) is is_flagged


@pytest.mark.parametrize(("total", "is_flagged"), [(1, False), (1.01, True)])
def test_the_bill_itself_is_above_a_dollar(acme, total, is_flagged):
    assert bool(month(9, total, acme()).findings(CHECK)) is is_flagged


@pytest.mark.parametrize("status", ["draft", "void"])
def test_what_was_never_asked_for_is_no_earlier_bill(acme, status):
    one = month(9, 84.30, month(8, 500, acme(), status=status))

    assert one.finding(CHECK)


def test_an_invoice_of_a_year_is_left_out(acme):
    one = month(9, 84.30, acme())
    one.invoice(9_000, period_start="2025-09-01", period_end="2026-08-31", issued_at="2026-08-31")

    assert one.finding(CHECK)


def test_without_invoices_it_is_not_evaluated(acme):
    gap = acme().crm(forecasted_mrr_usd=120).without("invoices").gap(CHECK)

    assert (gap.missing, gap.reason) == (
        "newest_bill_usd",
        "invoices were not read, or the newest has no total",
    )


def test_an_invoice_without_a_total_is_no_bill_of_nothing(acme):
    assert month(9, 84.30, month(8, None, acme())).gap(CHECK).missing == (
        "largest_earlier_invoice_usd"
    )


def test_the_threshold_can_be_set(acme):
    assert month(9, 84.30, acme()).findings(CHECK, first_bill_usd=100) == []
