"""Recordings nobody asked for: no controls, too short, from the wrong place."""

from corpus.customer import Customer
from corpus.planting import Truth, fault, inside, lookalike, outside
from corpus.units import COUNTERS, DURATIONS, Row

CONTROLS = "replay_without_controls"
MINIMUM = "replay_without_minimum_duration"
OFF = dict.fromkeys(
    (
        "session_recording_minimum_duration_milliseconds",
        "session_recording_sample_rate",
        "session_recording_linked_flag",
        "session_recording_url_trigger_config",
        "session_recording_event_trigger_config",
        "session_recording_trigger_groups",
    )
)


def only_recordings(
    one: Customer, project: str, quantity: float, *, short_share: float, host: str = "production"
) -> float:
    """The project's web recordings, from scratch; returns billed units of the short ones."""
    one.rows = {
        r: q for r, q in one.rows.items() if (r.project, r.meter) != (project, "session_replay")
    }
    one.daily.pop((project, COUNTERS["session_replay"]), None)
    one.configure(project, session_recording_opt_in=True)
    shares = (short_share, 0.12, 0.88 - short_share)
    billed = 0.0
    for event, share in zip(DURATIONS, shares, strict=True):
        row = Row(project, "session_replay", event, "web", host, False, False)
        one.rows[row] = round(quantity * share)
    whole = one.bill_more(project, "session_replay", sum(round(quantity * s) for s in shares))
    billed = whole * short_share
    one.activity[project, "people_using_session_replay"] = 3
    one.activity[project, "idle_recordings"] = 0
    return billed


def _uncontrolled(one: Customer, quantity: float, **set_anyway: object) -> Truth:
    project = one.project()
    short = only_recordings(one, project, quantity, short_share=one.between(0.05, 0.15))
    one.configure(project, **{**OFF, **set_anyway})
    return Truth(CONTROLS, project, waste={"session_replay": short})


@fault(CONTROLS, group="replay")
def every_session_is_recorded(one: Customer) -> Truth:
    return _uncontrolled(one, one.between(16_000, 200_000))


@inside(CONTROLS)
def just_over_fifteen_thousand(one: Customer) -> Truth:
    return _uncontrolled(one, one.between(15_030, 15_400))


@outside(CONTROLS)
def just_under_fifteen_thousand(one: Customer) -> Truth:
    return _uncontrolled(one, one.between(14_500, 14_960))


@lookalike(CONTROLS)
def many_recordings_chosen_by_a_trigger(one: Customer) -> Truth:
    name = one.pick(
        ("session_recording_url_trigger_config", "session_recording_event_trigger_config")
    )
    return _uncontrolled(one, one.between(20_000, 90_000), **{name: '[{"url": "/pay"}]'})


@lookalike(CONTROLS)
def a_sample_of_many_sessions(one: Customer) -> Truth:
    return _uncontrolled(one, one.between(20_000, 90_000), session_recording_sample_rate=0.25)


def _short(one: Customer, share: float, *, minimum: int | None = None) -> Truth:
    project = one.project()
    short = only_recordings(one, project, one.between(6_000, 60_000), short_share=share)
    settings = {
        **OFF,
        "session_recording_sample_rate": 0.5,
        "session_recording_minimum_duration_milliseconds": minimum,
    }
    one.configure(project, **settings)
    return Truth(MINIMUM, project, waste={"session_replay": short})


@fault(MINIMUM, group="replay")
def bounces_are_recorded(one: Customer) -> Truth:
    return _short(one, one.between(0.22, 0.7), minimum=one.pick((None, None, 0, 1_000)))


@inside(MINIMUM)
def just_over_a_fifth_is_short(one: Customer) -> Truth:
    return _short(one, one.between(0.201, 0.206))


@outside(MINIMUM)
def just_under_a_fifth_is_short(one: Customer) -> Truth:
    return _short(one, one.between(0.19, 0.199))


@lookalike(MINIMUM)
def short_ones_come_through_in_spite_of_a_minimum(one: Customer) -> Truth:
    return _short(one, one.between(0.25, 0.5), minimum=one.pick((2_000, 3_000, 5_000)))
