"""On the startup plan and forecast to pay."""

import pytest

CHECK = "startup_credit_exhausted"


@pytest.mark.parametrize(("forecast", "is_flagged"), [(0, False), (0.01, True), (900, True)])
def test_a_startup_that_is_forecast_to_pay_is_flagged(acme, forecast, is_flagged):
    one = acme().crm(is_startup_plan="true", forecasted_mrr_usd=forecast)

    assert bool(one.findings(CHECK)) is is_flagged


def test_the_segment_says_it_too(acme):
    one = acme().crm(segments="Onboarding Lead, Startup Plan", forecasted_mrr_usd=900)

    assert one.finding(CHECK).message == (
        "On the startup plan, and $900.00 (estimate) are forecast to be paid this period."
    )


def test_who_pays_without_being_a_startup_is_fine(acme):
    assert acme().crm(forecasted_mrr_usd=900).findings(CHECK) == []
    assert acme().crm(is_startup_plan="no", forecasted_mrr_usd=900).findings(CHECK) == []


@pytest.mark.parametrize(("credit", "is_flagged"), [(799, True), (800, False), (5_000, False)])
def test_without_a_forecast_in_the_crm_credit_is_set_against_the_vendors(acme, credit, is_flagged):
    one = acme().crm(is_startup_plan="true")
    one.of(projected_total_after_discount_usd=800, credit_balance_usd=credit)

    assert bool(one.findings(CHECK)) is is_flagged


def test_a_startup_without_any_forecast_is_not_evaluated(acme):
    gap = acme().crm(is_startup_plan="true").of(credit_balance_usd=50).gap(CHECK)

    assert gap.missing == "startup_payment_usd"


def test_without_the_crm_it_is_not_evaluated(acme):
    assert acme().without("lifecycle").gap(CHECK).missing == "on_startup_plan"


def test_the_threshold_can_be_set(acme):
    one = acme().crm(is_startup_plan="true", forecasted_mrr_usd=900)

    assert one.findings(CHECK, payment_usd=900) == []
