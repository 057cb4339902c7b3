"""Fields of the CRM: many spellings, one meaning."""

import pytest

from audit.errors import SettingsError
from audit.lifecycle import fields
from audit.lifecycle.fields import read_fields


@pytest.mark.parametrize(
    ("spelled", "name"),
    [
        ("vitally.custom.onboardingPipeline", "onboarding_pipeline"),
        ("traits.`vitally.custom.onboardingPipeline`", "onboarding_pipeline"),
        ("onboardingPipeline", "onboarding_pipeline"),
        ("Onboarding Pipeline", "onboarding_pipeline"),
        ("onboarding-status", "onboarding_status"),
        ("Next Renewal Date", "next_renewal_date"),
        ("nextRenewalDate", "next_renewal_date"),
        ("contractRenewalDate", "contract_renewal_date"),
        ("mrr", "mrr_usd"),
        ("forecasted_mrr", "forecasted_mrr_usd"),
        ("usersCount", "users_count"),
        ("Users Count", "users_count"),
        ("temporary owner", "temporary_owner"),
        ("accountExecutiveId", "account_executive_id"),
        ("csmId", "csm_id"),
        ("onboardingUsageOutreachSentDate", "first_outreach_at"),
        ("initialOutreach", "first_outreach_at"),
        ("OS Last Messaged", "last_messaged_at"),
        ("onboarding_invoice_count", "paid_nonzero_bills"),
        ("creditRunwayDays", "credit_runway_days"),
        ("stripe.metadata.startup_plan_end_at", "startup_plan_end_at"),
        ("stripe.metadata.credit_expires_at", "credit_expires_at"),
        ("stripe.metadata.is_startup_plan", "is_startup_plan"),
        ("Payment Risk Assessment", "payment_risk_assessment"),
        ("Industry segment", "industry_segment"),
        ("CSM sentiment", "csm_sentiment"),
    ],
)
def test_a_field_is_known_by_the_spellings_of_the_crm(spelled, name):
    assert fields().field(spelled).name == name


@pytest.mark.parametrize("spelled", ["usage_mrr", "mrr2", "pipeline", "", "vitally.custom.", "x"])
def test_a_field_no_rule_reads_is_not_taken_for_another(spelled):
    assert fields().field(spelled) is None


def test_every_field_is_known_by_its_own_name():
    assert {fields().field(name).name for name in fields().by_name} == set(fields().by_name)


LIST = """
prefixes = []
empty = []
yes = []
no = []
[fields]
mrr_usd = {{ kind = "number", low = 0, high = 10 }}
other = {{ {other} }}
"""


@pytest.mark.parametrize(
    ("other", "said"),
    [
        ('kind = "text", also = ["MRR usd"]', "'MRR usd' of other is a spelling of mrr_usd too"),
        ('kind = "txt"', "other has the kind 'txt'"),
        ('kind = "number"', "numbers, and only they, have low and high"),
        ('kind = "day", low = 0, high = 1', "numbers, and only they, have low and high"),
    ],
)
def test_a_field_list_that_cannot_be_meant_is_refused(other, said):
    with pytest.raises(SettingsError, match=said):
        read_fields(LIST.format(other=other))
