"""Every session is recorded, at high volume."""

from decimal import Decimal

import pytest

CHECK = "replay_without_controls"
CONTROLS = (
    {"minimum_duration_milliseconds": 1},
    {"sample_rate": "0.99"},
    {"sample_rate": "0"},
    {"linked_flag": '{"id": 1, "key": "beta"}'},
    {"url_trigger_config": '[{"url": "/pay", "matching": "regex"}]'},
    {"event_trigger_config": '["checkout"]'},
    {"trigger_groups": '{"groups": [1]}'},
)
NO_CONTROLS = (
    {"minimum_duration_milliseconds": 0},
    {"sample_rate": "1"},
    {"sample_rate": "1.00"},
    {"linked_flag": "{}"},
    {"linked_flag": '""'},
    {"url_trigger_config": "[]"},
    {"event_trigger_config": "[]"},
    {"trigger_groups": "[]"},
    {"url_blocklist_config": '[{"url": "/x"}]'},
)


def test_many_recordings_with_no_control_are_flagged(acme):
    found = acme().recordings(longer=20_000).finding(CHECK)

    assert found.message == (
        "Project 1 recorded 20,000 sessions with no control over which ones to record."
    )


def test_fifteen_thousand_web_recordings_are_the_limit(acme):
    one = acme().recordings(longer=14_999, project="14999").recordings(longer=15_000)

    one.recordings(longer=20_000, meter="mobile_replay", project="mobile")

    assert one.flagged(CHECK) == ["1"]


def test_any_one_control_makes_it_healthy(acme):
    one = acme()
    for number, control in enumerate(CONTROLS):
        one.recordings(longer=20_000, project=str(number), **control)

    assert one.flagged(CHECK) == []


def test_an_empty_setting_is_no_control(acme):
    one = acme()
    for number, setting in enumerate(NO_CONTROLS):
        one.recordings(longer=20_000, project=str(number), **setting)

    assert one.flagged(CHECK) == [str(number) for number in range(len(NO_CONTROLS))]


@pytest.mark.parametrize(
    ("subject", "missing"),
    [
        ("projects.replay_controls", "minimum_duration_milliseconds"),
        ("projects.replay_triggers", "replay_triggers_are_set"),
        ("usage_rows.session_replay", "recordings"),
    ],
)
def test_without_its_facts_it_is_not_evaluated(acme, subject, missing):
    gap = acme().recordings(longer=20_000).without(subject).gap(CHECK)

    assert (gap.missing, gap.reason) == (missing, "The key lacks a scope.")


def test_the_saving_is_what_the_first_step_removes(acme):
    # 15,000 recordings cost 10,000 x 0.005 = 50.00; without the 1,000 under two seconds 45.00.
    one = acme().recordings(under_2=1_000, longer=14_000)

    found = one.recordings(under_2=90_000, meter="mobile_replay").finding(CHECK)

    assert found.saving.alone == Decimal("5.00")


def test_the_threshold_can_be_set(acme):
    assert acme().recordings(longer=20_000).findings(CHECK, recordings_count=20_001) == []
