import pytest

from audit.errors import SettingsError
from audit.findings.examine import examine

CHECK = "check_in_due"
NOW = "2026-11"


def written_to(acme, day="2026-10-15", **fields):
    known = {"onboarding_pipeline": "2. Onboarding Initiated", "forecasted_mrr_usd": 900, **fields}
    return acme().crm(first_outreach_at=day, **known)


def test_a_large_account_is_due_its_check_in_in_the_third_week(acme):
    finding = written_to(acme).finding(CHECK, policy=NOW)

    assert finding.message == "Acme was written to 17 days ago and is due its check-in."


@pytest.mark.parametrize(
    ("day", "flagged"),
    [("2026-10-18", False), ("2026-10-17", True), ("2026-10-11", True), ("2026-10-10", False)],
)
def test_it_is_due_from_day_15_to_day_21(acme, day, flagged):
    assert bool(written_to(acme, day).findings(CHECK, policy=NOW)) is flagged


@pytest.mark.parametrize(("forecast", "flagged"), [("499.99", False), ("500", True)])
def test_small_accounts_get_none(acme, forecast, flagged):
    built = written_to(acme, forecasted_mrr_usd=forecast)

    assert bool(built.findings(CHECK, policy=NOW)) is flagged


def test_the_status_of_the_crm_asks_for_it_on_any_day(acme):
    finding = written_to(acme, "2026-09-01", onboarding_status="Check-in").finding(
        CHECK, policy=NOW
    )

    assert finding.message.endswith("The CRM's status asks for it.")


@pytest.mark.parametrize(
    "done",
    [
        {"check_in_at": "2026-10-30"},
        {"check_in_at": "2026-10-30", "onboarding_status": "Check-in"},
        {"onboarding_pipeline": "3. Onboarding Completed"},
        {"onboarding_pipeline": "6c. Sales Handoff"},
    ],
    ids=str,
)
def test_a_check_in_made_or_an_end_reached_needs_none(acme, done):
    assert not written_to(acme, **done).findings(CHECK, policy=NOW)


def test_a_check_in_of_an_earlier_round_does_not_count(acme):
    assert written_to(acme, check_in_at="2026-06-01").findings(CHECK, policy=NOW)


def test_whoever_was_never_written_to_is_not_due(acme):
    built = acme().crm(onboarding_pipeline="1. New Account", forecasted_mrr_usd=900)

    assert not built.findings(CHECK, policy=NOW)


def test_without_the_day_of_the_first_message_nobody_can_tell(acme):
    built = acme().crm(onboarding_pipeline="2. Onboarding Initiated", forecasted_mrr_usd=900)

    assert built.audit(CHECK, policy=NOW).not_evaluated[0].missing == "days_since_first_outreach"


def test_mid_2025_had_none(acme):
    with pytest.raises(SettingsError, match="check_in_due is not in force in policy 2025-06"):
        written_to(acme).audit(CHECK)
    everything = examine(written_to(acme).account(), audience="team")
    assert CHECK not in everything.checks_run
