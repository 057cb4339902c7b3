import pytest

from audit.errors import SettingsError

CHECK = "first_payment_large"
NOW = "2026-11"


@pytest.mark.parametrize(("forecast", "flagged"), [("1999.99", False), ("2000", True)])
def test_a_large_first_bill_goes_to_sales(acme, forecast, flagged):
    built = acme().crm(forecasted_mrr_usd=forecast)

    assert bool(built.findings(CHECK, policy=NOW)) is flagged


def test_the_message_says_the_bill(acme):
    assert acme().crm(forecasted_mrr_usd=2500).finding(CHECK, policy=NOW).message == (
        "Acme has paid no bill yet, and $2,500.00 are forecast (estimate)."
    )


def test_a_second_bill_is_no_first(acme):
    built = acme().crm(forecasted_mrr_usd=9000)
    built.invoice(5, period_start="2026-09-01", period_end="2026-10-01")

    assert not built.findings(CHECK, policy=NOW)


@pytest.mark.parametrize("status", ["open", "void", "draft"])
def test_an_invoice_that_was_not_paid_is_no_paid_bill(acme, status):
    built = acme().crm(forecasted_mrr_usd=9000)
    built.invoice(5, status=status, period_start="2026-09-01", period_end="2026-10-01")

    assert built.findings(CHECK, policy=NOW)


def test_without_the_bills_nobody_can_tell(acme):
    built = acme().crm(forecasted_mrr_usd=9000).without("invoices")

    assert built.audit(CHECK, policy=NOW).not_evaluated[0].missing == "paid_bills"


def test_mid_2025_asks_for_a_discovery_first(acme):
    with pytest.raises(SettingsError, match="asks for a discovery first"):
        acme().crm(forecasted_mrr_usd=9000).audit(CHECK)
