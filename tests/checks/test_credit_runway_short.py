"""Credit that is used up before it expires, or ends within two weeks."""

import pytest

from audit.checks import Severity

CHECK = "credit_runway_short"


@pytest.mark.parametrize(("runway", "is_flagged"), [(59, True), (60, False), (61, False)])
def test_used_up_before_it_expires_is_flagged(acme, runway, is_flagged):
    # Sixty days from the audit's day.
    one = acme().crm(credit_runway_days=runway, credit_expires_at="2026-12-31")

    assert bool(one.findings(CHECK)) is is_flagged


@pytest.mark.parametrize(
    ("runway", "severity"),
    [(13, Severity.NEEDS_ACTION), (14, Severity.WORTH_ATTENTION), (15, Severity.WORTH_ATTENTION)],
)
def test_under_two_weeks_is_urgent(acme, runway, severity):
    one = acme().crm(credit_runway_days=runway, credit_expires_at="2026-12-31")

    assert one.finding(CHECK).severity is severity


@pytest.mark.parametrize(("day", "is_flagged"), [("2026-11-14", True), ("2026-11-15", False)])
def test_credit_that_expires_within_two_weeks_is_flagged_though_it_lasts(acme, day, is_flagged):
    one = acme().crm(credit_runway_days=400, credit_expires_at=day)

    assert bool(one.findings(CHECK)) is is_flagged


def test_the_message_gives_both_ends(acme):
    one = acme().crm(credit_runway_days=20, credit_expires_at="2026-12-31")

    assert one.finding(CHECK).message == (
        "The credit is used up in 20 days at today's use and expires in 60 days."
    )


def test_credit_without_a_known_end_is_judged_by_its_use(acme):
    assert acme().crm(credit_runway_days=200).findings(CHECK) == []
    assert acme().crm(credit_runway_days=13).finding(CHECK).message == (
        "The credit is used up in 13 days at today's use."
    )


def test_the_end_of_a_startup_plan_ends_its_credit(acme):
    one = acme().crm(credit_runway_days=50, startup_plan_end_at="2026-12-31")

    assert len(one.findings(CHECK)) == 1


@pytest.mark.parametrize(("balance", "is_flagged"), [(1_999, True), (2_000, False)])
def test_without_the_crms_runway_the_balance_is_set_against_the_forecast(acme, balance, is_flagged):
    # 30 x 2,000 / 1,000 = 60 days.
    one = acme().crm(credit_expires_at="2026-12-31")
    one.of(projected_total_usd=1_000, credit_balance_usd=balance)

    assert bool(one.findings(CHECK)) is is_flagged


def test_who_has_no_credit_cannot_run_out_of_it(acme):
    assert acme().findings(CHECK) == []
    assert acme().crm(credit_runway_days=0).of(credit_balance_usd=0).findings(CHECK) == []


def test_a_startup_whose_credit_nobody_knows_is_not_evaluated(acme):
    assert acme().crm(is_startup_plan="true").gap(CHECK).missing == "has_credit"


def test_credit_whose_use_nobody_knows_is_not_evaluated(acme):
    assert acme().of(credit_balance_usd=500).gap(CHECK).missing == "credit_runway_days"


def test_the_threshold_can_be_set(acme):
    assert acme().crm(credit_runway_days=13).findings(CHECK, urgent_days=13) == []
