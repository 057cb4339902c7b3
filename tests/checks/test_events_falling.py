"""Events of seven days against the seven before; both weeks must be known to the day."""

import pytest

CHECK = "events_falling"
EVENTS = "event_count_in_period"


def weeks(acme, before, now):
    return acme().daily(EVENTS, now, days=7).daily(EVENTS, before, days=7, ago=8)


@pytest.mark.parametrize(("now", "is_flagged"), [(799, True), (800, False), (801, False)])
def test_a_fall_of_more_than_a_fifth_is_flagged(acme, now, is_flagged):
    assert bool(weeks(acme, 1_000, now).findings(CHECK)) is is_flagged


def test_the_message_says_by_how_much_and_from_what(acme):
    assert weeks(acme, 1_000, 600).finding(CHECK).message == (
        "Billed events of the last 7 days are 40% below the 7 days before (7,000 events)."
    )


@pytest.mark.parametrize(("extra", "is_flagged"), [(999 - 7 * 142, False), (1_000 - 7 * 142, True)])
def test_a_handful_of_events_is_noise(acme, extra, is_flagged):
    one = weeks(acme, 142, 10).daily(EVENTS, extra, days=1, ago=8, project="2")

    assert bool(one.findings(CHECK)) is is_flagged


def test_a_quiet_weekend_in_both_weeks_is_no_fall(acme):
    one = acme()
    for ago in range(1, 15):
        one.daily(EVENTS, 50 if ago % 7 in (0, 6) else 1_000, days=1, ago=ago)

    assert one.findings(CHECK) == []


def test_another_project_may_make_up_for_it(acme):
    one = weeks(acme, 1_000, 500).daily(EVENTS, 300, days=7, project="2")

    assert one.findings(CHECK) == []


def test_a_fall_of_recordings_is_not_one_of_events(acme):
    one = weeks(acme, 1_000, 1_000)
    one.daily("recording_count_in_period", 500, days=7, ago=8)

    assert one.findings(CHECK) == []


def test_silence_after_a_busy_week_is_flagged(acme):
    one = acme().daily(EVENTS, 0, days=7).daily(EVENTS, 1_000, days=7, ago=8)

    assert one.finding(CHECK).message.startswith("Billed events of the last 7 days are 100% below")


def test_days_that_are_not_known_leave_it_open(acme):
    gap = acme().daily(EVENTS, 1_000, days=13).gap(CHECK)

    assert gap.missing == "week_decrease_percent"
    assert gap.reason.startswith("daily usage is not known for both periods")


def test_a_week_before_without_events_has_nothing_to_fall_from(acme):
    assert weeks(acme, 0, 5).gap(CHECK).missing == "week_decrease_percent"


def test_the_thresholds_can_be_set(acme):
    assert weeks(acme, 1_000, 600).findings(CHECK, fall_percent=40) == []
    assert weeks(acme, 1_000, 600).findings(CHECK, events_count=7_001) == []
