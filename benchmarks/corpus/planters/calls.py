"""Calls that are made too often: identify, set, group, and everything they are billed on."""

from collections.abc import Callable

from corpus.customer import Customer
from corpus.planting import Truth, Waste, fault, inside, lookalike, outside
from corpus.units import EVENT_METERS, UnsuitableError

CALLS = {
    "identify_too_often": "$identify",
    "set_too_often": "$set",
    "groupidentify_too_often": "$groupidentify",
}
PER_SESSION = "calls_per_session_too_high"


def identified_meters(one: Customer) -> list[str]:
    """What one more identified event is billed on."""
    return [
        meter
        for meter in EVENT_METERS
        if meter in ("product_analytics", "enhanced_persons") or one.subscribed(meter)
    ]


def no_more_than(one: Customer, project: str, event: str, most: float) -> None:
    """The event is sent less often; what it was billed goes too."""
    now = one.counted(project, event)
    if now <= most:
        return
    kept = most / now
    for row in [r for r in one.rows if (r.project, r.event) == (project, event)]:
        gone = one.rows[row] - round(one.rows[row] * kept)
        one.bill_more(project, row.meter, -gone * one.ratio(project, row.meter))
        one.rows[row] -= gone


def call_until(one: Customer, project: str, event: str, share: float) -> None:
    """So many calls that they are this share of the project's events."""
    total, now = one.total(project), one.counted(project, event)
    if now > share * total:
        raise UnsuitableError("more already")
    one.send(project, event, (share * total - now) / (1 - share))


def share_above(project: str, share: float, *events: str) -> Callable[[Customer], bool]:
    """Whether the events are still more than a share of the project's."""

    def holds(one: Customer) -> bool:
        return sum(one.counted(project, e) for e in events) > share * one.total(project)

    return holds


def spared(project: str, event: str) -> Waste:
    """Billed units of the calls that one call per session would spare."""

    def waste(one: Customer) -> dict[str, float]:
        calls = one.counted(project, event)
        share = max(0.0, 1 - one.sessions(project) / calls) if calls else 0.0
        units = one.units(project, lambda row: row.event == event and row.meter in EVENT_METERS)
        return {product: number * share for product, number in units.items()}

    return waste


def _too_often(check: str, event: str) -> None:
    others = (*CALLS, PER_SESSION, "events_per_person_high")

    def truth(project: str) -> Truth:
        implied = tuple(c for c in others if c != check)
        holds = share_above(project, 0.05, event)
        return Truth(check, project, waste=spared(project, event), implied=implied, holds=holds)

    @fault(check, group="calls")
    def called_on_every_page(one: Customer) -> Truth:
        project = one.project()
        call_until(one, project, event, one.between(0.056, 0.3))
        return truth(project)

    @inside(check)
    def a_little_over_five_percent(one: Customer) -> Truth:
        project = one.project()
        # Rules of once a session need more calls than sessions.
        if one.total(project) < 21 * one.sessions(project):
            raise UnsuitableError("short sessions")
        call_until(one, project, event, one.between(0.0505, 0.053))
        return truth(project)

    @outside(check)
    def a_little_under_five_percent(one: Customer) -> Truth:
        project = one.project()
        call_until(one, project, event, one.between(0.047, 0.0495))
        return truth(project)

    @lookalike(check)
    def one_call_a_session_in_short_sessions(one: Customer) -> Truth:
        """A login-heavy product: people come, log in, do one thing and go."""
        project = one.project()
        no_more_than(one, project, event, 0)
        one.activity[project, "sessions"] = round(one.total(project) / one.between(9, 14))
        one.send(project, event, one.sessions(project) * one.between(0.85, 0.99))
        return truth(project)


for _check, _event in CALLS.items():
    _too_often(_check, _event)


def _per_session(one: Customer, calls: float) -> Truth:
    project, event = one.project(), one.pick(CALLS.values())
    no_more_than(one, project, event, 0)
    one.send(project, event, calls * one.sessions(project))
    return Truth(
        PER_SESSION,
        project,
        waste=spared(project, event),
        implied=(*CALLS, "events_per_person_high"),
    )


@fault(PER_SESSION, group="calls")
def properties_set_on_every_click(one: Customer) -> Truth:
    return _per_session(one, one.between(4.4, 9))


@inside(PER_SESSION)
def just_over_four_a_session(one: Customer) -> Truth:
    return _per_session(one, one.between(4.01, 4.1))


@outside(PER_SESSION)
def just_under_four_a_session(one: Customer) -> Truth:
    return _per_session(one, one.between(3.9, 3.99))


@lookalike(PER_SESSION)
def three_a_session_over_long_sessions(one: Customer) -> Truth:
    return _per_session(one, one.between(2.5, 3.2))
