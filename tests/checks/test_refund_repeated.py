"""Refunds given before, by the CRM or by credit notes."""

import pytest

from audit.checks import Severity

CHECK = "refund_repeated"


@pytest.mark.parametrize(
    ("earlier", "severity", "message"),
    [
        (1, Severity.INFORMATION, "Acme was refunded once before."),
        (2, Severity.WORTH_ATTENTION, "Acme was refunded 2 times before."),
    ],
)
def test_one_is_worth_knowing_and_a_second_worth_attention(acme, earlier, severity, message):
    found = acme().crm(earlier_refunds=earlier).finding(CHECK)

    assert (found.severity, found.message) == (severity, message)


def test_none_is_healthy(acme):
    assert acme().crm(earlier_refunds=0).findings(CHECK) == []


def test_credit_notes_count_where_the_crm_is_silent_or_knows_fewer(acme):
    silent = acme().invoice(90, credited_usd=20).invoice(90, credited_usd=0)
    fewer = acme().crm(earlier_refunds=0).invoice(90, credited_usd=20)

    assert silent.finding(CHECK).message == "Acme was refunded once before."
    assert fewer.finding(CHECK).message == "Acme was refunded once before."


def test_invoices_without_credit_notes_are_healthy(acme):
    assert acme().invoice(90, credited_usd=0).findings(CHECK) == []


def test_invoices_that_do_not_tell_leave_it_open(acme):
    gap = acme().invoice(90).gap(CHECK)

    assert gap.reason == "neither the CRM nor credit notes on invoices tell earlier refunds"


def test_without_crm_and_invoices_it_is_not_evaluated(acme):
    assert acme().without("invoices").without("lifecycle").gap(CHECK).missing == "earlier_refunds"


def test_the_thresholds_can_be_set(acme):
    assert acme().crm(earlier_refunds=1).findings(CHECK, repeat_count=2) == []
    found = acme().crm(earlier_refunds=1).finding(CHECK, declined_count=1)
    assert found.severity is Severity.WORTH_ATTENTION
