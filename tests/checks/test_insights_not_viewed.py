"""Nobody has read an insight for a week."""

import pytest

from audit.checks import Audience

CHECK = "insights_not_viewed"


def viewed(one, day, *, project="1"):
    return one.resource("insight", last_used_at=f"{day}T09:30:00Z", project=project)


def test_an_organization_where_nobody_reads_is_said_to_the_team(acme):
    found = viewed(acme(), "2026-10-02").finding(CHECK)

    assert found.message == "Nobody at Acme has read an insight for 30 days."
    assert (found.audience, found.project_id) == (Audience.TEAM, None)


@pytest.mark.parametrize(
    ("day", "flagged"),
    [("2026-11-01", 0), ("2026-10-25", 0), ("2026-10-24", 1), ("2026-12-24", 0)],
)
def test_seven_days_are_fine_and_one_more_is_not(acme, day, flagged):
    assert len(viewed(acme(), day).findings(CHECK)) == flagged


def test_the_latest_of_all_insights_of_all_projects_counts(acme):
    one = viewed(viewed(acme(), "2026-06-01"), "2026-10-30", project="2")

    assert one.resource("insight").findings(CHECK) == []


def test_who_only_opens_a_dashboard_or_calls_a_flag_read_no_insight(acme):
    one = viewed(acme(), "2026-10-02").resource("flag", last_used_at="2026-10-31T00:00:00Z")

    assert len(one.findings(CHECK)) == 1


@pytest.mark.parametrize(("days", "flagged"), [(0, 0), (7, 0), (8, 1)])
def test_the_crm_tells_where_insights_do_not(acme, days, flagged):
    one = acme().crm(days_since_insight_analyzed=days)

    assert len(one.without("resources.insight").findings(CHECK)) == flagged


@pytest.mark.parametrize(("day", "crm"), [("2026-10-30", 40), ("2026-06-01", 3)])
def test_whichever_saw_a_reader_last_is_right(acme, day, crm):
    assert viewed(acme(), day).crm(days_since_insight_analyzed=crm).findings(CHECK) == []


def test_insights_tell_where_the_crm_was_not_read(acme):
    assert len(viewed(acme(), "2026-10-02").without("lifecycle").findings(CHECK)) == 1


def test_without_either_it_is_not_evaluated(acme):
    gap = viewed(acme(), "2026-10-02").without("resources.insight").gap(CHECK)

    assert gap.missing == "days_since_insight_read"
    assert gap.reason == (
        "no saved insight tells when it was viewed last, and the CRM does not say it"
    )


@pytest.mark.parametrize("insights", [0, 1])
def test_insights_without_a_view_tell_nothing(acme, insights):
    one = acme().events("x", 10)
    for _ in range(insights):
        one.resource("insight")

    assert one.gap(CHECK).missing == "days_since_insight_read"


def test_the_threshold_can_be_set(acme):
    assert viewed(acme(), "2026-10-02").findings(CHECK, idle_days=30) == []
