"""Any of the published signs that a customer may leave."""

import pytest

CHECK = "churn_risk"


@pytest.mark.parametrize(
    ("field", "words"),
    [
        ("evaluating_alternatives", "it looks at alternatives"),
        ("champion_left", "its champion left"),
        ("export_requested", "it asked for all its data"),
    ],
)
def test_what_the_customer_did_or_said_is_flagged(acme, field, words):
    assert acme().crm(**{field: "yes"}).finding(CHECK).message == f"Signs of leaving: {words}."
    assert acme().crm(**{field: "no"}).findings(CHECK) == []


@pytest.mark.parametrize(("day", "is_flagged"), [("2026-10-25", True), ("2026-10-26", False)])
def test_a_failed_payment_nobody_answers_for_a_week_is_flagged(acme, day, is_flagged):
    assert bool(acme().crm(payment_failed_at=day).findings(CHECK)) is is_flagged


def test_a_failed_payment_that_is_talked_about_is_not(acme):
    one = acme().crm(payment_failed_at="2026-10-01", open_conversation="true")

    assert one.findings(CHECK) == []


@pytest.mark.parametrize(("weeks", "is_flagged"), [(3, False), (4, True), (5, True)])
def test_four_poor_weeks_are_flagged(acme, weeks, is_flagged):
    assert bool(acme().crm(health_poor_weeks=weeks).findings(CHECK)) is is_flagged


@pytest.mark.parametrize(("day", "is_flagged"), [("2027-01-29", True), ("2027-01-30", False)])
def test_a_renewal_within_ninety_days_with_a_complaint_is_flagged(acme, day, is_flagged):
    one = acme().crm(contract_renewal_date=day, pricing_complaint="yes")

    assert bool(one.findings(CHECK)) is is_flagged


@pytest.mark.parametrize(("tickets", "is_flagged"), [(2, False), (3, True)])
def test_urgent_tickets_before_a_renewal_are_flagged(acme, tickets, is_flagged):
    one = acme().crm(contract_renewal_date="2026-12-01", urgent_tickets=tickets)

    assert bool(one.findings(CHECK)) is is_flagged


def test_a_renewal_alone_or_a_complaint_alone_is_not_a_risk(acme):
    assert acme().crm(contract_renewal_date="2026-12-01").findings(CHECK) == []
    assert acme().crm(pricing_complaint="yes", urgent_tickets=9).findings(CHECK) == []


def test_a_renewal_that_is_past_is_none(acme):
    one = acme().crm(contract_renewal_date="2026-10-31", pricing_complaint="yes")

    assert one.findings(CHECK) == []


def test_all_signs_stand_in_the_message(acme):
    found = acme().crm(champion_left="yes", health_poor_weeks=6, urgent_tickets=1).finding(CHECK)

    assert found.message == (
        "Signs of leaving: its champion left; weeks of poor health: 6; urgent tickets: 1."
    )


def test_without_the_crm_it_is_not_evaluated(acme):
    assert acme().without("lifecycle").gap(CHECK).missing == "evaluates_alternatives"


def test_the_thresholds_can_be_set(acme):
    weeks = acme().crm(health_poor_weeks=6)
    failed = acme().crm(payment_failed_at="2026-10-01")
    renewal = acme().crm(contract_renewal_date="2026-12-01", urgent_tickets=3)

    assert weeks.findings(CHECK, poor_weeks_count=7) == []
    assert failed.findings(CHECK, unanswered_days=60) == []
    assert renewal.findings(CHECK, renewal_days=30) == []
    assert renewal.findings(CHECK, urgent_count=3) == []
