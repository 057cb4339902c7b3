import pytest

CHECK = "annual_tier_eligible"


@pytest.mark.parametrize(("spends", "flagged"), [(2_083, False), (2_084, True)])
def test_a_year_of_25000_after_the_fixes_reaches_a_tier(acme, spends, flagged):
    assert bool(acme().spends(spends).crm(mrr_usd=1).findings(CHECK)) is flagged


def test_the_message_says_the_year(acme):
    assert acme().spends(2_500).finding(CHECK).message == (
        "Twelve months of Acme after all fixes cost $30,000 (estimate), enough for a volume "
        "discount."
    )


@pytest.mark.parametrize("has", [{"segments": "Annual Plan"}, {"is_startup_plan": "true"}], ids=str)
def test_whoever_has_a_plan_needs_none(acme, has):
    assert not acme().spends(9_000).crm(**has).findings(CHECK)


def test_a_plan_that_billing_knows_is_a_plan(acme):
    assert not acme().spends(9_000).of(is_annual_plan_customer=True).findings(CHECK)


def test_usage_that_a_fix_removes_buys_no_credit(acme):
    # 2,100 USD a month is above the level, and half of it is group analytics nobody uses.
    built = acme().spends(1_050).subscription("group_analytics", tiers=TIERS)
    built.units("group_analytics", 1_050_000)

    assert not built.findings(CHECK)


TIERS = '[{"up_to": null, "unit_amount_usd": "0.001"}]'


def test_without_usage_nobody_can_tell(acme):
    assert acme().crm(mrr_usd=9000).gap(CHECK).missing == "bill_after_fixes_usd"
