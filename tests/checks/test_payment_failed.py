"""An open invoice that could not be charged, or the CRM's word of a failed payment."""

import pytest

from audit.checks import Severity

CHECK = "payment_failed"


def test_an_open_invoice_whose_charge_failed_is_flagged(acme):
    found = acme().invoice(320, status="open", attempts=2, amount_due_usd=300).finding(CHECK)

    assert found.severity is Severity.WORTH_ATTENTION
    assert found.message == (
        "An open invoice over $300.00 (actual) could not be charged. Attempts: 2."
    )


@pytest.mark.parametrize(
    "invoice",
    [
        {"status": "paid", "attempts": 1},
        {"status": "open", "attempts": 0},
        {"status": "open"},
        {"status": "draft", "attempts": 0},
        {"status": "void", "attempts": 4},
        {"status": "uncollectible", "attempts": 4},
    ],
)
def test_invoices_that_are_paid_new_or_forgiven_are_fine(acme, invoice):
    assert acme().invoice(320, **invoice).findings(CHECK) == []


@pytest.mark.parametrize(
    ("due", "attempts", "crm", "severity"),
    [
        (1_499, 1, {"mrr_usd": 9}, Severity.WORTH_ATTENTION),
        (1_500, 1, {"mrr_usd": 9}, Severity.NEEDS_ACTION),
        (1_500, 1, {"csm_id": "x"}, Severity.WORTH_ATTENTION),
        (1_500, 1, {"account_executive_id": "x"}, Severity.WORTH_ATTENTION),
        (100, 3, {"mrr_usd": 9}, Severity.WORTH_ATTENTION),
        (100, 4, {"csm_id": "x"}, Severity.NEEDS_ACTION),
    ],
)
def test_much_money_with_nobody_in_charge_or_four_attempts_are_urgent(
    acme, due, attempts, crm, severity
):
    one = acme().invoice(due, status="open", attempts=attempts, amount_due_usd=due).crm(**crm)

    assert one.finding(CHECK).severity is severity


def test_an_unread_crm_escalates_nothing(acme):
    one = acme().invoice(9_000, status="open", attempts=1, amount_due_usd=9_000)

    assert one.without("lifecycle").finding(CHECK).severity is Severity.WORTH_ATTENTION


@pytest.mark.parametrize(("day", "is_flagged"), [("2026-10-01", False), ("2026-10-02", True)])
def test_without_invoices_the_crms_word_counts_for_thirty_days(acme, day, is_flagged):
    one = acme().crm(payment_failed_at=day).without("invoices")

    assert bool(one.findings(CHECK)) is is_flagged


def test_the_crms_word_says_so(acme):
    found = acme().crm(payment_failed_at="2026-10-29").without("invoices").finding(CHECK)

    assert found.message == "A payment failed 3 days ago, as the CRM says."
    assert found.severity is Severity.WORTH_ATTENTION


def test_invoices_that_are_all_paid_go_before_the_crms_word(acme):
    one = acme().invoice(320, status="paid", attempts=2).crm(payment_failed_at="2026-10-29")

    assert one.findings(CHECK) == []


def test_without_invoices_and_crm_it_is_not_evaluated(acme):
    gap = acme().without("invoices").without("lifecycle").gap(CHECK)

    assert (gap.missing, gap.reason) == (
        "failed_payments",
        "neither invoices nor the CRM were read",
    )


def test_the_thresholds_can_be_set(acme):
    told = acme().crm(payment_failed_at="2026-10-29").without("invoices")
    owed = acme().invoice(100, status="open", attempts=2, amount_due_usd=100)

    assert told.findings(CHECK, failed_days=2) == []
    assert owed.finding(CHECK, attempts_count=2).severity is Severity.NEEDS_ACTION
    assert owed.finding(CHECK, escalate_usd=100).severity is Severity.NEEDS_ACTION
