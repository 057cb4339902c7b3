import pytest

CHECK = "already_handled"


@pytest.mark.parametrize(
    "stage",
    [
        "3. Onboarding Completed",
        "6a. Onboarded \u2014 No Engagement",
        "6c. Sales Handoff",
        "6d. Churned",
        "Onboarded (Done)",
        "No Engagement",
    ],
)
def test_an_end_is_an_end_in_the_words_of_any_time(acme, stage):
    assert acme().crm(onboarding_pipeline=stage).finding(CHECK).message == (
        "Onboarding of Acme has ended, as its stage says."
    )


@pytest.mark.parametrize(
    "stage", ["1. New Account", "2. Onboarding Initiated", "3a. Engaged - Email", "Ongoing"]
)
def test_a_stage_on_the_way_is_none(acme, stage):
    assert not acme().crm(onboarding_status=stage).findings(CHECK)


@pytest.mark.parametrize(
    ("day", "flagged"),
    [("2026-11-01", True), ("2026-10-18", True), ("2026-10-17", False), ("2026-11-02", False)],
)
def test_a_thread_is_live_for_two_weeks_after_its_last_message(acme, day, flagged):
    assert bool(acme().crm(last_messaged_at=day).findings(CHECK)) is flagged


def test_the_first_message_is_a_message(acme):
    assert acme().crm(first_outreach_at="2026-10-30").finding(CHECK).message == (
        "The team wrote to Acme 2 days ago."
    )


def test_an_open_conversation_is_live_whatever_its_age(acme):
    assert acme().crm(open_conversation="true").findings(CHECK)
    assert not acme().crm(open_conversation="false").findings(CHECK)


def test_an_account_the_crm_does_not_know_is_nobodys(acme):
    assert not acme().findings(CHECK)


def test_a_stage_nobody_has_seen_is_not_taken_for_open(acme):
    gap = acme().crm(onboarding_pipeline="8. Dormant").gap(CHECK)

    assert gap.missing == "stage_is_terminal"
    assert gap.reason == "the CRM does not say, or says it in words that cannot be read"


def test_without_the_crm_nobody_can_tell(acme):
    assert acme().without("lifecycle", "No CRM.").gap(CHECK).reason == "No CRM."
