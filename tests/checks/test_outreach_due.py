import pytest

CHECK = "outreach_due"


def waiting(acme, renews="2026-11-15", **fields):
    """In onboarding's scope, new, not written to; today is 2026-11-01."""
    known = {"onboarding_pipeline": "1. New Account", "forecasted_mrr_usd": 900, **fields}
    return acme().crm(next_renewal_date=renews, **known)


def test_the_first_message_is_due_two_weeks_before_the_renewal(acme):
    finding = waiting(acme).finding(CHECK)

    assert finding.message == "The bill renews in 14 days, and nobody wrote to Acme."
    assert finding.severity == "worth_attention"


@pytest.mark.parametrize(
    ("renews", "severity"),
    [
        ("2026-11-16", None),
        ("2026-11-15", "worth_attention"),
        ("2026-11-08", "worth_attention"),
        ("2026-11-07", "needs_action"),
        ("2026-11-01", "needs_action"),
        ("2026-10-31", "needs_action"),
    ],
)
def test_under_a_week_it_is_late(acme, renews, severity):
    found = waiting(acme, renews).findings(CHECK)

    assert [str(one.severity) for one in found] == ([severity] if severity else [])


@pytest.mark.parametrize(
    "looks_alike",
    [
        {"onboarding_pipeline": "2. Onboarding Initiated"},
        {"first_outreach_at": "2026-10-31"},
        {"last_messaged_at": "2026-08-01"},
        {"onboarding_pipeline": "6d. Churned"},
        {"forecasted_mrr_usd": 100},
        {"temporary_owner": "someone"},
    ],
    ids=str,
)
def test_whoever_was_written_to_or_is_not_onboardings_is_not_due(acme, looks_alike):
    assert not waiting(acme, **looks_alike).findings(CHECK)


def test_a_message_that_is_planned_was_not_sent(acme):
    assert waiting(acme, first_outreach_at="2026-11-03").findings(CHECK)


def test_a_startup_that_rolls_off_is_due_as_well(acme):
    built = waiting(acme, is_startup_plan="true", startup_plan_end_at="2026-11-20").spends(1)

    assert built.findings(CHECK)


def test_an_account_the_crm_does_not_know_was_not_written_to(acme):
    assert acme().of(period_end="2026-11-10").spends(900).findings(CHECK)


def test_the_billing_period_stands_in_for_a_renewal_and_is_named(acme):
    built = waiting(acme, renews=None).of(period_end="2026-11-10")

    assert built.finding(CHECK).message == (
        "The bill renews in 9 days, by the end of the billing period, and nobody wrote to Acme."
    )


def test_a_renewal_that_passed_gives_way_to_the_period_that_runs(acme):
    built = waiting(acme, renews="2026-10-20").of(period_end="2026-11-20")

    assert not built.findings(CHECK)


def test_a_bill_that_renewed_is_late(acme):
    assert (
        waiting(acme, renews="2026-10-29")
        .finding(CHECK)
        .message.startswith("The bill renewed 3 days ago")
    )


def test_the_seed_of_older_days_is_a_threshold_away(acme):
    assert not waiting(acme, "2026-11-10").findings(CHECK, before_renewal_days=7)


def test_without_a_renewal_nobody_can_tell(acme):
    gap = waiting(acme, renews=None).gap(CHECK)

    assert gap.reason == "neither the CRM nor billing tells when the bill renews"


def test_a_stage_nobody_has_seen_is_not_taken_for_new(acme):
    gap = waiting(acme, onboarding_pipeline="8. Dormant").gap(CHECK)

    assert gap.missing == "was_contacted"


def test_without_the_scope_nobody_can_tell(acme):
    gap = waiting(acme).without("invoices").gap(CHECK)

    assert gap.missing == "is_in_scope"
    assert gap.reason == "onboarding_in_scope could not be evaluated: paid_bills is unknown"
