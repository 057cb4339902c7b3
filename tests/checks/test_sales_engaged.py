import pytest

CHECK = "sales_engaged"


@pytest.mark.parametrize(
    ("sign", "said"),
    [
        ({"temporary_owner": "005f"}, "a temporary owner"),
        ({"account_executive_id": "005f"}, "an account executive"),
        ({"csm_id": "005f"}, "a customer success manager"),
        ({"segments": "AM Managed"}, "a segment of Sales"),
        ({"segments": "Active Trial"}, "a segment of Sales"),
        ({"segments": "Create AE lead"}, "the segment that hands over"),
        ({"segments": "Onboarding referral"}, "the segment that hands over"),
        ({"onboarding_pipeline": "6c. Sales Handoff"}, "a stage at Sales"),
        ({"onboarding_pipeline": "Sales Handoff"}, "a stage at Sales"),
    ],
    ids=str,
)
def test_every_published_sign_counts(acme, sign, said):
    assert acme().crm(**sign).finding(CHECK).message == f"Sales is engaged with Acme: {said}."


def test_several_signs_are_all_named(acme):
    built = acme().crm(temporary_owner="x", csm_id="y", segments="Leads")

    assert built.finding(CHECK).message == (
        "Sales is engaged with Acme: a temporary owner, a customer success manager, a segment of "
        "Sales."
    )


@pytest.mark.parametrize(
    "looks_alike",
    [
        {"temporary_owner": None, "csm_id": "", "account_executive_id": "null"},
        {"segments": "Onboarding Lead; Active Self-serve Trial; TAM/CSM Candidate; $20K ARR"},
        {"segments": "Sales"},
        {"onboarding_pipeline": "1. New Account"},
        {},
    ],
    ids=str,
)
def test_what_only_sounds_like_sales_does_not(acme, looks_alike):
    assert not acme().crm(**looks_alike).findings(CHECK)


def test_without_the_crm_nobody_can_tell(acme):
    assert acme().without("lifecycle", "No CRM.").gap(CHECK).reason == "No CRM."
