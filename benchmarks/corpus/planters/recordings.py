"""Recordings of developers and of open tabs."""

from corpus.customer import Customer
from corpus.planters.replay import only_recordings
from corpus.planting import Truth, fault, inside, lookalike, outside
from corpus.units import DURATIONS

NONPRODUCTION = "nonproduction_recordings"
IDLE = "idle_recordings"


def _some(one: Customer, low: float, high: float) -> str:
    """A project with so many recordings, none of them idle or from elsewhere."""
    project = one.project()
    one.configure(
        project,
        session_recording_minimum_duration_milliseconds=2_000,
        session_recording_sample_rate=0.5,
    )
    only_recordings(one, project, one.between(low, high), short_share=0.02)
    return project


def _local(one: Customer, share: float, low: float = 8_000, high: float = 60_000) -> Truth:
    project = _some(one, low, high)
    more = share * one.recordings(project) / (1 - share)
    units = sum(
        one.record(project, more * part, event=event, host=one.pick(("localhost", "staging")))
        for event, part in zip(DURATIONS, (0.2, 0.2, 0.6), strict=True)
    )
    # A little leaking beside it is dear together with these recordings.
    waste = {"session_replay": units}
    return Truth(NONPRODUCTION, project, waste=waste, implied=("nonproduction_traffic",))


@fault(NONPRODUCTION, group="replay")
def the_app_is_recorded_while_it_is_written(one: Customer) -> Truth:
    return _local(one, one.between(0.022, 0.4))


@inside(NONPRODUCTION)
def just_over_two_percent(one: Customer) -> Truth:
    return _local(one, one.between(0.0205, 0.0215), 8_000, 15_000)


@outside(NONPRODUCTION)
def just_under_two_percent_and_cheap(one: Customer) -> Truth:
    return _local(one, one.between(0.017, 0.0196), 8_000, 15_000)


@inside(NONPRODUCTION)
def a_small_share_for_over_ten_dollars(one: Customer) -> Truth:
    # In the last tier below half a million a recording costs 0.0017.
    return _local(one, one.between(0.0165, 0.019), 420_000, 450_000)


@lookalike(NONPRODUCTION)
def recordings_of_a_staging_project(one: Customer) -> Truth:
    project = one.project("Staging")
    only_recordings(one, project, one.between(2_000, 9_000), short_share=0.02, host="staging")
    one.configure(project, session_recording_sample_rate=0.5)
    return Truth(NONPRODUCTION, project)


@lookalike(NONPRODUCTION)
def a_handful_while_debugging(one: Customer) -> Truth:
    return _local(one, one.between(0.001, 0.01), 6_000, 20_000)


def _open_tabs(one: Customer, share: float, low: float = 8_000, high: float = 60_000) -> Truth:
    project = _some(one, low, high)
    more = share * one.recordings(project) / (1 - share)
    units = one.record(project, more)
    one.activity[project, "idle_recordings"] = round(more)
    return Truth(IDLE, project, waste={"session_replay": units})


@fault(IDLE, group="replay")
def tabs_stay_open_over_lunch(one: Customer) -> Truth:
    return _open_tabs(one, one.between(0.055, 0.4))


@inside(IDLE)
def just_over_five_percent(one: Customer) -> Truth:
    return _open_tabs(one, one.between(0.0505, 0.053), 6_000, 15_000)


@outside(IDLE)
def just_under_five_percent_and_cheap(one: Customer) -> Truth:
    return _open_tabs(one, one.between(0.045, 0.0493), 6_200, 14_000)


@inside(IDLE)
def a_small_share_of_many(one: Customer) -> Truth:
    return _open_tabs(one, one.between(0.035, 0.045), 200_000, 300_000)


@lookalike(IDLE)
def long_recordings_of_busy_people(one: Customer) -> Truth:
    project = _some(one, 10_000, 60_000)
    one.activity[project, "idle_recordings"] = round(one.recordings(project) * 0.002)
    return Truth(IDLE, project)
