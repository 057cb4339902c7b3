"""Falls of usage: known only when every day of both periods is, growth a negative fall."""

from datetime import date, timedelta

import pytest

AS_OF = date(2026, 11, 1)
EVENTS = "event_count_in_period"


def days(usage_type, quantity, *, ago=1, count=30, project="1"):
    """Rows of ``count`` days, the newest ``ago`` days before the audit's day."""
    return [
        {
            "project_id": project,
            "day": (AS_OF - timedelta(days=ago + back)).isoformat(),
            "usage_type": usage_type,
            "quantity": quantity,
        }
        for back in range(count)
    ]


@pytest.fixture
def history_of(facts_of):
    return lambda *parts: facts_of("usage_daily", usage_daily=[row for p in parts for row in p])


@pytest.mark.parametrize(
    ("fact", "counters"),
    [
        ("event_decrease_percent", [EVENTS]),
        ("replay_decrease_percent", ["recording_count_in_period"]),
        ("replay_decrease_percent", ["mobile_recording_count_in_period"]),
        (
            "flag_request_decrease_percent",
            ["billable_feature_flag_requests_count_in_period"],
        ),
        ("synced_rows_decrease_percent", ["rows_synced_in_period"]),
    ],
)
def test_each_volume_falls_by_its_own_counter(history_of, fact, counters):
    one = history_of(*(days(c, 75) + days(c, 100, ago=31) for c in counters))

    falls = {
        name: one(name)
        for name in (
            "event_decrease_percent",
            "replay_decrease_percent",
            "flag_request_decrease_percent",
            "synced_rows_decrease_percent",
        )
    }

    assert falls == dict.fromkeys(falls, None) | {fact: 25.0}


def test_growth_is_a_negative_fall_and_silence_one_of_a_hundred(history_of):
    grown = history_of(days(EVENTS, 150), days(EVENTS, 100, ago=31))
    silent = history_of(days(EVENTS, 0), days(EVENTS, 100, ago=31))

    assert grown("event_decrease_percent") == -50
    assert silent("event_decrease_percent") == 100


def test_web_and_mobile_recordings_of_all_projects_count_together(history_of):
    one = history_of(
        days("recording_count_in_period", 10),
        days("recording_count_in_period", 30, ago=31),
        days("mobile_recording_count_in_period", 10, project="2"),
        days("mobile_recording_count_in_period", 10, ago=31, project="2"),
    )

    assert one("replay_decrease_percent") == 50


def test_a_counter_without_a_row_on_a_known_day_counted_nothing(history_of):
    # Recordings on ten of the last thirty days.
    one = history_of(
        days(EVENTS, 5, count=60),
        days("recording_count_in_period", 60, count=10),
        days("recording_count_in_period", 60, ago=31),
    )

    assert one("replay_decrease_percent") == pytest.approx(100 * 2 / 3)


@pytest.mark.parametrize("missing", [1, 30, 31, 60])
def test_one_unknown_day_makes_the_fall_unknown(history_of, missing):
    rows = days(EVENTS, 100, count=missing - 1) + days(
        EVENTS, 100, ago=missing + 1, count=60 - missing
    )
    one = history_of(rows)

    assert one("event_decrease_percent") is None
    assert one("events_before") is None
    assert one.reason("organization_history.sql").startswith("daily usage is not known")


def test_the_day_of_the_audit_and_later_ones_do_not_count(history_of):
    one = history_of(days(EVENTS, 100, count=60), days(EVENTS, 9_999, ago=-2, count=3))

    assert one("event_decrease_percent") == 0


def test_nothing_before_has_nothing_to_fall_from(history_of):
    one = history_of(days(EVENTS, 100), days(EVENTS, 0, ago=31))

    assert (one("event_decrease_percent"), one("events_before")) == (None, 0)


def test_a_fall_that_last_year_had_too_is_explained_weekday_by_weekday(history_of):
    now = days(EVENTS, 50) + days(EVENTS, 100, ago=31)
    same = history_of(now, days(EVENTS, 5, ago=365), days(EVENTS, 10, ago=395))
    shifted = history_of(now, days(EVENTS, 5, ago=366), days(EVENTS, 10, ago=396))

    assert same("unexplained_decrease_percent") == 0
    assert same("event_decrease_percent") == 50
    assert shifted("unexplained_decrease_percent") == 50


def test_weeks_need_two_weeks_alone(history_of):
    one = history_of(days(EVENTS, 60, count=7), days(EVENTS, 100, ago=8, count=7))

    assert (one("week_decrease_percent"), one("events_the_week_before")) == (40, 700)
    assert one("event_decrease_percent") is None


def test_usage_that_was_not_read_is_unknown_with_its_reason(facts_of):
    one = facts_of(("usage_daily", "", "No billing scope."))

    assert one("event_decrease_percent") is None
    assert one.reason("organization_history.sql") == "No billing scope."


def test_no_usage_at_all_is_unknown_and_not_nothing(facts_of):
    assert facts_of("usage_daily")("events_before") is None
