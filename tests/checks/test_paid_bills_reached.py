import pytest

CHECK = "paid_bills_reached"


@pytest.mark.parametrize(
    ("bills", "policy", "flagged"),
    [
        (2, "2025-06", False),
        (3, "2025-06", True),
        (1, "2026-11", False),
        (2, "2026-11", True),
        (9, "2026-11", True),
    ],
)
def test_onboarding_ends_after_as_many_bills_as_the_policy_says(acme, bills, policy, flagged):
    built = (
        acme()
        .without("invoices")
        .crm(onboarding_pipeline="2. Onboarding Initiated", paid_nonzero_bills=bills)
    )

    assert bool(built.findings(CHECK, policy=policy)) is flagged


def test_the_message_says_how_many(acme):
    built = acme().without("invoices").crm(segments="Paid three nonzero bills, Onboarding Lead")

    assert built.finding(CHECK).message == "Acme has paid 3 bills and is not marked as done."


@pytest.mark.parametrize("stage", ["Onboarded (Done)", "3. Onboarding Completed", "6d. Churned"])
def test_whoever_is_marked_is_not_told_again(acme, stage):
    built = acme().without("invoices").crm(onboarding_pipeline=stage, paid_nonzero_bills=5)

    assert not built.findings(CHECK)


def test_invoices_go_before_the_crms_count(acme):
    assert not acme().crm(paid_nonzero_bills=5).findings(CHECK)


def test_without_any_count_nobody_can_tell(acme):
    assert acme().without("invoices").crm(mrr_usd=1).gap(CHECK).missing == "paid_bills"
