import pytest

CHECK = "startup_roll_off_in_scope"


def rolling_off(acme, end="2026-11-15", forecast=800):
    return (
        acme()
        .spends(900)
        .crm(is_startup_plan="true", startup_plan_end_at=end, forecasted_mrr_usd=forecast)
    )


def test_a_startup_about_to_pay_its_first_bill_is_onboardings(acme):
    assert rolling_off(acme).finding(CHECK).message == (
        "The startup plan of Acme ends in 14 days, and $800.00 are forecast (estimate)."
    )


@pytest.mark.parametrize(
    ("end", "flagged"),
    [
        ("2026-12-01", True),
        ("2026-12-02", False),
        ("2026-11-01", True),
        ("2026-09-01", True),
        ("2026-08-31", False),
    ],
)
def test_it_is_so_from_a_month_before_the_end_to_two_after(acme, end, flagged):
    assert bool(rolling_off(acme, end).findings(CHECK)) is flagged


@pytest.mark.parametrize(
    ("forecast", "flagged"),
    [("499.99", False), ("500", True), ("1500", True), ("1500.01", False)],
)
def test_the_first_bill_lies_in_the_range(acme, forecast, flagged):
    assert bool(rolling_off(acme, forecast=forecast).findings(CHECK)) is flagged


def test_the_earlier_of_plan_and_credit_ends_it(acme):
    built = rolling_off(acme, end="2027-06-01")
    assert not built.findings(CHECK)

    assert built.crm(credit_expires_at="2026-11-05").findings(CHECK)


def test_a_startup_that_rolled_off_is_known_by_its_end_alone(acme):
    built = (
        acme()
        .spends(900)
        .crm(startup_plan_end_at="2026-10-20", forecasted_mrr_usd=800, is_startup_plan="false")
    )

    assert "ended 12 days ago" in built.finding(CHECK).message


@pytest.mark.parametrize(("use", "flagged"), [(1500, False), (1501, True)])
def test_a_startup_that_uses_much_credit_is_onboardings(acme, use, flagged):
    built = acme().spends(use).crm(is_startup_plan="true", forecasted_mrr_usd=0)

    found = built.findings(CHECK)
    assert bool(found) is flagged
    if flagged:
        assert found[0].message == (
            "Acme is on the startup plan and uses $1,501.00 of credit a month (estimate)."
        )


def test_a_paying_account_of_the_same_use_is_no_startup(acme):
    assert not acme().spends(1600).crm(forecasted_mrr_usd=1600).findings(CHECK)


def test_a_startup_the_team_wants_is_onboardings_whatever_it_pays(acme):
    assert acme().spends(1).crm(hype_startup="yes").finding(CHECK).message == (
        "Acme is a startup the team wants to work with."
    )


def test_without_usage_only_a_startup_is_unknown(acme):
    assert not acme().crm(forecasted_mrr_usd=900).findings(CHECK)
    gap = acme().crm(forecasted_mrr_usd=900, is_startup_plan="true").gap(CHECK)

    assert gap.missing == "startup_use_usd"


def test_without_the_crm_nobody_can_tell(acme):
    assert acme().spends(900).without("lifecycle").gap(CHECK).missing == "on_startup_plan"
