"""Events that are billed and that nobody reads."""

from collections.abc import Callable

from corpus.customer import Customer
from corpus.planters.calls import (
    CALLS,
    call_until,
    identified_meters,
    no_more_than,
    share_above,
)
from corpus.planters.events import DENSE, billed_for
from corpus.planting import Truth, fault, inside, lookalike, outside
from corpus.units import UnsuitableError

CUSTOM = "custom_events_unread"
VITALS = "web_vitals_unread"
LEAVES = "pageleave_unread"
DEAD = "dead_clicks_unread"
NAMES = ("debug_tick", "cache warmed", "ws_reconnected", "internal:heartbeat", "row rendered")


def unread_above(project: str, share: float, *events: str) -> Callable[[Customer], bool]:
    """Whether they are still many, and no destination takes every event."""
    many = share_above(project, share, *events)

    def holds(one: Customer) -> bool:
        mirrors = [
            d
            for d in one.resources("destination", project)
            if d["state"] == "active" and '"has_filters": false' in (d["details"] or "")
        ]
        return many(one) and not mirrors

    return holds


def _logged(one: Customer, share: float) -> Truth:
    """Engineers log a technical event; no chart, cohort or destination ever names it."""
    project, name = one.project(), one.pick(NAMES)
    call_until(one, project, name, share)
    return Truth(
        CUSTOM,
        project,
        waste=billed_for(project, name),
        implied=DENSE,
        holds=unread_above(project, 0.05, name),
    )


def _costs(one: Customer, share: float) -> float:
    project = one.project()
    units = share * one.total(project) / (1 - share) * one.ratio(project)
    return float(one.would_cost(dict.fromkeys(identified_meters(one), units)))


@fault(CUSTOM, group="custom")
def a_technical_event_nobody_charts(one: Customer) -> Truth:
    return _logged(one, one.between(0.055, 0.5))


@inside(CUSTOM)
def just_over_five_percent(one: Customer) -> Truth:
    return _logged(one, one.between(0.0505, 0.053))


@outside(CUSTOM)
def just_under_five_percent_and_cheap(one: Customer) -> Truth:
    share = one.between(0.046, 0.0492)
    if _costs(one, share) > 24:
        raise UnsuitableError("dear")
    return _logged(one, share)


@inside(CUSTOM)
def a_small_share_for_over_25_dollars(one: Customer) -> Truth:
    share = 0.045
    if not _costs(one, share) > 27:
        raise UnsuitableError("cheap")
    return _logged(one, share)


@lookalike(CUSTOM)
def much_of_an_event_that_an_insight_reads(one: Customer) -> Truth:
    project, name = one.project(), one.pick(NAMES)
    call_until(one, project, name, one.between(0.1, 0.4))
    kind = one.pick(("insight", "action", "cohort", "destination"))
    details = {"has_filters": True, "succeeded": 90, "failed": 0, "billable": 90}
    one.resource(
        project, kind, "Reads it", refers_to=[name], **(details if kind == "destination" else {})
    )
    return Truth(CUSTOM, project, implied=DENSE)


@lookalike(CUSTOM)
def much_of_what_a_destination_mirrors(one: Customer) -> Truth:
    project, name = one.project(), one.pick(NAMES)
    call_until(one, project, name, one.between(0.1, 0.4))
    one.resource(
        project, "destination", "Mirror", has_filters=False, succeeded=90, failed=0, billable=90
    )
    return Truth(CUSTOM, project, implied=(*DENSE, "destination_unfiltered"))


@lookalike(CUSTOM)
def much_of_what_the_libraries_send(one: Customer) -> Truth:
    project = one.project()
    call_until(one, project, "Application Opened", one.between(0.06, 0.2))
    return Truth(CUSTOM, project, implied=DENSE)


def _nobody_opens_web_analytics(one: Customer, project: str) -> None:
    one.activity[project, "people_using_web_analytics"] = 0


def _noise(
    check: str, names: tuple[str, ...], percent: float, usd: float, other: tuple[str, ...]
) -> None:
    limit = percent / 100

    def send(one: Customer, share: float, *, read: bool = False) -> Truth:
        project = one.project()
        for name in names[1:]:
            no_more_than(one, project, name, 0)
        now = one.counted(project, names[0]) / one.total(project)
        if now > share:
            # Fewer of them: the rest of the project stays as it is.
            rest = one.total(project) - one.counted(project, names[0])
            no_more_than(one, project, names[0], share / (1 - share) * rest)
        else:
            call_until(one, project, names[0], share)
        one.forget(project, *names)
        _nobody_opens_web_analytics(one, project)
        for unread in other:
            one.resource(project, "insight", f"Trend of {unread}", refers_to=[unread])
        if read:
            one.resource(project, "insight", "Page quality", refers_to=list(names))
        return Truth(
            check,
            project,
            waste=billed_for(project, *names),
            # Fewer of them leave every other share larger.
            implied=(*DENSE, *CALLS),
            holds=unread_above(project, limit, *names),
        )

    # Each reads the events of the others, so that only its own are unread.
    @fault(check, group="noise")
    def captured_and_never_looked_at(one: Customer) -> Truth:
        return send(one, one.between(limit * 1.1, limit * 1.1 + 0.15))

    @inside(check)
    def just_over_the_share(one: Customer) -> Truth:
        return send(one, one.between(limit * 1.005, limit * 1.04))

    if usd:

        @outside(check)
        def just_under_the_share_and_cheap(one: Customer) -> Truth:
            share = one.between(limit * 0.92, limit * 0.985)
            if _costs(one, share) > usd * 0.9:
                raise UnsuitableError("dear")
            return send(one, share)

        @inside(check)
        def a_small_share_of_much(one: Customer) -> Truth:
            share = limit * 0.8
            project = one.project()
            now = one.counted(project, names[0]) / one.total(project)
            if now > share or _costs(one, share) < usd * 1.5:
                raise UnsuitableError("cheap")
            return send(one, share)
    else:

        @outside(check)
        def just_under_the_share(one: Customer) -> Truth:
            return send(one, one.between(limit * 0.92, limit * 0.985))

    @lookalike(check)
    def much_of_it_in_an_insight(one: Customer) -> Truth:
        return send(one, limit + 0.08, read=True)


_noise(VITALS, ("$web_vitals",), 5, 10, ("$pageleave",))
_noise(LEAVES, ("$pageleave",), 10, 0, ("$web_vitals",))
_noise(DEAD, ("$dead_click", "$rageclick"), 5, 10, ("$pageleave", "$web_vitals"))


def _watched(check: str, name: str, share: float) -> None:
    @lookalike(check)
    def much_of_it_and_somebody_opens_web_analytics(one: Customer) -> Truth:
        project = one.project()
        now = one.counted(project, name) / one.total(project)
        if now < share:
            call_until(one, project, name, share)
        one.forget(project, name)
        one.activity[project, "people_using_web_analytics"] = 2
        return Truth(check, project, implied=DENSE)


_watched(VITALS, "$web_vitals", 0.12)
_watched(LEAVES, "$pageleave", 0.2)
