import pytest

CHECK = "onboarding_out_of_scope"


def startup(acme, use, forecast=0):
    return acme().spends(use).crm(is_startup_plan="true", forecasted_mrr_usd=forecast)


@pytest.mark.parametrize(("use", "flagged"), [(499, True), (500, False)])
def test_a_startup_with_little_use_is_not_onboardings(acme, use, flagged):
    assert bool(startup(acme, use).findings(CHECK)) is flagged


def test_a_startup_about_to_pay_is_not_small(acme):
    assert not startup(acme, 100, forecast=500).findings(CHECK)


@pytest.mark.parametrize(("forecast", "flagged"), [("0", True), ("0.01", False)])
def test_no_bill_is_not_onboardings(acme, forecast, flagged):
    assert bool(acme().spends(5).crm(forecasted_mrr_usd=forecast).findings(CHECK)) is flagged


@pytest.mark.parametrize(("bills", "flagged"), [(3, False), (4, True)])
def test_whoever_paid_more_than_three_bills_is_past_it(acme, bills, flagged):
    built = acme().spends(900).without("invoices").crm(paid_nonzero_bills=bills)

    assert bool(built.findings(CHECK)) is flagged


def test_a_startup_the_team_wants_is_never_out(acme):
    assert not startup(acme, 1).crm(hype_startup="true").findings(CHECK)


def test_it_never_contradicts_the_rule_for_startups_that_roll_off(acme):
    for forecast in (0, 499, 500, 1500, 1501):
        built = startup(acme, 400, forecast=forecast).crm(startup_plan_end_at="2026-11-10")

        both = built.findings(CHECK) and built.findings("startup_roll_off_in_scope")
        assert not both


def test_without_usage_or_forecast_nobody_can_tell(acme):
    gap = acme().crm(onboarding_pipeline="1. New Account").gap(CHECK)

    assert gap.missing == "forecasted_bill_usd"
