import pytest

CHECK = "onboarding_in_scope"
NEW = "1. New Account"


def test_a_forecast_above_the_level_is_onboardings(acme):
    finding = acme().crm(onboarding_pipeline=NEW, forecasted_mrr_usd="612.40").finding(CHECK)

    assert finding.message == (
        "Onboarding works on Acme: $612.40 forecast (estimate), 0 bills paid."
    )
    assert finding.audience == "team"
    assert finding.severity == "information"


@pytest.mark.parametrize(("forecast", "flagged"), [("500", False), ("500.01", True), ("0", False)])
def test_the_level_itself_is_not_above_it(acme, forecast, flagged):
    assert bool(acme().crm(forecasted_mrr_usd=forecast).findings(CHECK)) is flagged


@pytest.mark.parametrize(("bills", "flagged"), [(3, True), (4, False)])
def test_three_paid_bills_are_still_onboardings(acme, bills, flagged):
    built = acme().crm(forecasted_mrr_usd=900)
    for month in range(bills):
        built.invoice(600, period_start=f"2026-0{3 + month}-01", period_end=f"2026-0{4 + month}-01")

    assert bool(built.findings(CHECK)) is flagged


def test_without_invoices_the_crm_counts_the_paid_bills(acme):
    built = acme().without("invoices").crm(forecasted_mrr_usd=900)

    assert built.crm(segments="Paid three nonzero bills").findings(CHECK)
    assert not built.crm(paid_nonzero_bills=4).findings(CHECK)


@pytest.mark.parametrize(
    "looks_alike",
    [
        {"temporary_owner": "005f"},
        {"account_executive_id": "005f"},
        {"csm_id": "005f"},
        {"segments": "AM Managed"},
        {"segments": "Create AE lead"},
        {"onboarding_pipeline": "6c. Sales Handoff"},
        {"is_startup_plan": "true"},
        {"segments": "Startup Plan"},
        {"segments": "Annual Plan"},
    ],
    ids=str,
)
def test_an_account_of_another_team_is_not(acme, looks_alike):
    assert not acme().crm(forecasted_mrr_usd=900, **looks_alike).findings(CHECK)


def test_our_own_estimate_stands_in_for_a_forecast(acme):
    assert acme().spends(600).findings(CHECK)
    assert not acme().spends(400).findings(CHECK)


@pytest.mark.parametrize("forecast", [150, 600])
def test_an_older_level_is_a_threshold_away(acme, forecast):
    assert acme().crm(forecasted_mrr_usd=forecast).findings(CHECK, forecast_usd=100)


def test_without_the_crm_nobody_can_tell(acme):
    gap = acme().spends(900).without("lifecycle", "No CRM.").gap(CHECK)

    assert (gap.missing, gap.reason) == ("sales_signs", "No CRM.")


def test_without_invoices_or_a_count_nobody_can_tell(acme):
    gap = acme().crm(forecasted_mrr_usd=900).without("invoices").gap(CHECK)

    assert gap.missing == "paid_bills"
    assert gap.reason == "invoices were not read, and the CRM does not count the paid bills"
