"""Recordings under two seconds, and no minimum duration that keeps them out."""

from decimal import Decimal

import pytest

from audit.checks import Severity

CHECK = "replay_without_minimum_duration"


def test_short_recordings_without_a_minimum_are_flagged(acme):
    found = acme().recordings(under_2=300, longer=700).finding(CHECK)

    assert found.message == (
        "30% of Project 1's recordings last under two seconds (30% under five) and no minimum "
        "duration keeps them out."
    )


def test_a_fifth_of_the_recordings_is_the_limit_and_two_fifths_need_action(acme):
    one = acme()
    for short in (0, 199, 200, 399, 400):
        one.recordings(under_2=short, longer=1000 - short, project=str(short))

    assert [(f.project_id, f.severity) for f in one.findings(CHECK)] == [
        ("200", Severity.WORTH_ATTENTION),
        ("399", Severity.WORTH_ATTENTION),
        ("400", Severity.NEEDS_ACTION),
    ]


def test_a_minimum_of_two_seconds_makes_it_healthy(acme):
    one = acme()
    for milliseconds in (None, 0, 1999, 2000, 5000):
        project = str(milliseconds)
        one.recordings(under_2=9, minimum_duration_milliseconds=milliseconds, project=project)

    assert one.flagged(CHECK) == ["0", "1999", "None"]


def test_longer_mobile_or_no_recordings_have_no_part_in_it(acme):
    one = acme().recordings(to_5=900, longer=100, project="to 5 seconds")
    one.recordings(under_2=900, meter="mobile_replay", project="mobile")

    assert one.recordings(project="none").flagged(CHECK) == []


@pytest.mark.parametrize(
    ("subject", "missing"),
    [
        ("projects.replay_controls", "minimum_duration_milliseconds"),
        ("usage_rows.session_replay", "recordings"),
    ],
)
def test_without_its_facts_it_is_not_evaluated(acme, subject, missing):
    gap = acme().recordings(under_2=900).without(subject).gap(CHECK)

    assert (gap.missing, gap.reason) == (missing, "The key lacks a scope.")


def test_a_deleted_project_that_sent_data_has_unknown_settings_not_none(acme):
    one = acme().recordings(under_2=900)
    one.projects = {"1": None, "2": {}}

    gap = one.gap(CHECK)

    assert (gap.project_id, gap.missing) == ("1", "minimum_duration_milliseconds")
    assert "may be deleted" in gap.reason


def test_the_saving_is_the_recordings_under_two_seconds(acme):
    one = acme().recordings(under_2=6_000, to_5=1_000, longer=8_000)
    one.recordings(under_2=90_000, meter="mobile_replay")

    # 15,000 recordings cost 10,000 x 0.005 = 50.00; the 9,000 that stay 4,000 x 0.005 = 20.00.
    assert one.finding(CHECK).saving.alone == Decimal("30.00")


@pytest.mark.parametrize(
    ("thresholds", "flagged"),
    [({"short_recordings_percent": 31}, 0), ({"minimum_duration_seconds": 1}, 0), ({}, 1)],
)
def test_the_thresholds_can_be_set(acme, thresholds, flagged):
    one = acme().recordings(under_2=30, longer=70, minimum_duration_milliseconds=1000)

    assert len(one.findings(CHECK, **thresholds)) == flagged


def test_the_threshold_of_the_severity_can_be_set(acme):
    found = acme().recordings(under_2=30, longer=70).finding(CHECK, needs_action_percent=30)

    assert found.severity == Severity.NEEDS_ACTION
