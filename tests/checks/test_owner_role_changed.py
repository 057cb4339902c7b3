"""An owner removed, or a new one joined, in the last fourteen days."""

import pytest

from audit.checks import Severity

CHECK = "owner_role_changed"


def founded(acme):
    return acme().member(level=15, joined_at="2026-01-05")


@pytest.mark.parametrize(
    ("day", "is_flagged"), [("2026-10-17", False), ("2026-10-18", True), ("2026-11-01", True)]
)
def test_a_removal_counts_for_fourteen_days(acme, day, is_flagged):
    assert bool(founded(acme).crm(owner_removed_at=day).findings(CHECK)) is is_flagged


@pytest.mark.parametrize(("day", "is_flagged"), [("2026-10-17", False), ("2026-10-18", True)])
def test_a_new_owner_counts_for_fourteen_days(acme, day, is_flagged):
    one = founded(acme).member(level=15, joined_at=day)

    assert bool(one.findings(CHECK)) is is_flagged


def test_a_removal_deserves_attention_and_an_addition_is_an_opportunity(acme):
    removed = founded(acme).crm(owner_removed_at="2026-10-30").finding(CHECK)
    added = founded(acme).member(level=15, joined_at="2026-10-30").finding(CHECK)

    assert removed.severity is Severity.WORTH_ATTENTION
    assert removed.message == "An owner was removed 2 days ago."
    assert added.severity is Severity.OPPORTUNITY
    assert added.message == "A new owner joined 2 days ago."


def test_an_old_removal_does_not_make_a_new_owner_a_risk(acme):
    one = founded(acme).crm(owner_removed_at="2026-03-01").member(level=15, joined_at="2026-10-30")

    assert one.finding(CHECK).severity is Severity.OPPORTUNITY


def test_who_founded_the_organization_is_no_change(acme):
    one = acme().member(level=15, joined_at="2026-10-25T09:00:00")

    assert one.member(level=15, joined_at="2026-10-25T16:00:00").findings(CHECK) == []


def test_new_members_and_admins_are_no_owners(acme):
    one = founded(acme).member(level=8, joined_at="2026-10-30")

    assert one.member(level=1, joined_at="2026-10-30").findings(CHECK) == []


@pytest.mark.parametrize(
    ("subject", "missing"), [("lifecycle", "owner_was_removed"), ("members", "owner_was_added")]
)
def test_without_its_facts_it_is_not_evaluated(acme, subject, missing):
    assert founded(acme).without(subject).gap(CHECK).missing == missing


def test_members_without_a_day_of_joining_leave_it_open(acme):
    assert acme().member(level=15).gap(CHECK).missing == "owner_was_added"


def test_the_threshold_can_be_set(acme):
    one = founded(acme).crm(owner_removed_at="2026-10-30")

    assert one.findings(CHECK, changed_days=1) == []
