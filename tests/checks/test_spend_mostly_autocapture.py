"""A bill made of autocapture is not committed spend."""

import pytest

from audit.checks import Audience, Severity

CHECK = "spend_mostly_autocapture"


def captured(one, clicks, rest, *, project="1"):
    return one.events("$autocapture", clicks, project=project).events("x", rest, project=project)


def test_a_bill_of_clicks_is_said_to_the_team_alone(acme):
    found = captured(acme(), 2_600_000, 400_000).finding(CHECK)

    # 1,000,000 x 0.00005 + 1,000,000 x 0.0000343 = 84.30
    assert found.message == (
        "Autocapture is 87% of Acme's events, so a bill of $84.30 (estimate) is not committed "
        "spend."
    )
    assert (found.severity, found.audience) == (Severity.INFORMATION, Audience.TEAM)
    assert found.project_id is None
    assert found.saving.alone == 0


@pytest.mark.parametrize(("clicks", "flagged"), [(2_399_999, 0), (2_400_000, 1), (2_400_001, 1)])
def test_four_fifths_of_the_events_of_all_projects_are_the_limit(acme, clicks, flagged):
    one = captured(acme(), clicks, 0).events("x", 3_000_000 - clicks, project="2")

    assert len(one.findings(CHECK)) == flagged


@pytest.mark.parametrize(
    ("events", "flagged"),
    [
        (1_099_800, 0),  # 99,800 x 0.00005 = 4.99
        (1_100_000, 1),  # 100,000 x 0.00005 = 5.00
    ],
)
def test_who_pays_next_to_nothing_commits_to_nothing(acme, events, flagged):
    assert len(captured(acme(), events, 0).findings(CHECK)) == flagged


def test_without_its_events_it_is_not_evaluated(acme):
    gap = captured(acme(), 3_000_000, 0).without("usage_rows.product_analytics").gap(CHECK)

    assert (gap.project_id, gap.missing) == (None, "organization_autocapture_events")
    assert gap.reason == "The key lacks a scope."


@pytest.mark.parametrize("thresholds", [{"autocapture_percent": 88}, {"paid_usd": 85}])
def test_the_thresholds_can_be_set(acme, thresholds):
    assert captured(acme(), 2_600_000, 400_000).findings(CHECK, **thresholds) == []
