"""Who sends what from where: developers, bots, extensions, refused merges."""

from corpus.customer import Customer
from corpus.planters.calls import identified_meters, spared
from corpus.planters.events import DENSE
from corpus.planting import Truth, Waste, fault, inside, lookalike, outside
from corpus.units import UnsuitableError

NONPRODUCTION = "nonproduction_traffic"
EXTENSION = "browser_extension_pattern"
MERGES = "merges_refused"
ILLEGAL = "illegal_distinct_ids"
BOTS = "bots_billed"
CALLS = ("identify_too_often", "calls_per_session_too_high")


def added(*bills: dict[str, int]) -> dict[str, float]:
    """Billed units of several additions together."""
    out: dict[str, float] = {}
    for bill in bills:
        for product, units in bill.items():
            out[product] = out.get(product, 0) + units
    return out


def _leaking(one: Customer, project: str) -> int:
    return sum(
        q
        for r, q in one.rows.items()
        if r.project == project and r.meter == "product_analytics" and r.host != "production"
        if r.host != "unknown"
    )


def _developer(one: Customer, share: float, host: str = "localhost") -> Truth:
    """A developer runs the app on localhost all month, or a preview site reports to production."""
    project = one.project()
    if _leaking(one, project) > 0.001 * one.total(project):
        raise UnsuitableError("somebody did before")
    events = share * one.total(project) / (1 - share)
    parts = (("$pageview", 0.3, False), ("$autocapture", 0.5, True), ("$pageleave", 0.2, True))
    bills = [
        one.send(project, event, events * part, host=host, identified=known)
        for event, part, known in parts
    ]

    def holds(one: Customer) -> bool:
        return _leaking(one, project) > 0.02 * one.total(project)

    return Truth(NONPRODUCTION, project, waste=added(*bills), implied=DENSE, holds=holds)


def _cheap(one: Customer, share: float, usd: float) -> None:
    """Refuse customers where this share of events costs more."""
    project = one.project()
    events = share * one.total(project) / (1 - share) * one.ratio(project)
    if one.would_cost(dict.fromkeys(identified_meters(one), events)) > usd:
        raise UnsuitableError("dear")


def _share_costing(one: Customer, usd: float) -> float:
    project = one.project()
    units = one.units_costing(usd, identified_meters(one))
    events = units / one.ratio(project)
    share = events / (events + one.total(project))
    if share > 0.015:
        raise UnsuitableError("too small")
    return share


@fault(NONPRODUCTION, group="nonproduction")
def a_developer_runs_the_app_all_month(one: Customer) -> Truth:
    return _developer(one, one.between(0.022, 0.25))


@fault(NONPRODUCTION, group="nonproduction")
def a_preview_site_reports_to_production(one: Customer) -> Truth:
    return _developer(one, one.between(0.03, 0.5), host="staging")


@inside(NONPRODUCTION)
def just_over_two_percent(one: Customer) -> Truth:
    return _developer(one, one.between(0.0202, 0.021))


@outside(NONPRODUCTION)
def just_under_two_percent_and_cheap(one: Customer) -> Truth:
    share = one.between(0.0175, 0.0188)
    _cheap(one, share + 0.001, 9.5)
    return _developer(one, share)


@inside(NONPRODUCTION)
def a_small_share_of_much(one: Customer) -> Truth:
    project = one.project()
    share = _share_costing(one, one.between(12, 16))
    bill = one.send(project, "$autocapture", share * one.total(project), host="localhost")
    return Truth(NONPRODUCTION, project, waste=bill)


@lookalike(NONPRODUCTION)
def a_project_of_its_own_for_tests(one: Customer) -> Truth:
    project = one.project("Staging")
    one.send(project, "$pageview", one.total(project) * one.between(0.5, 4), host="staging")
    return Truth(NONPRODUCTION, project, implied=DENSE)


@lookalike(NONPRODUCTION)
def one_afternoon_of_debugging(one: Customer) -> Truth:
    share = one.between(0.0005, 0.003)
    _cheap(one, share + 0.001, 6)
    return _developer(one, share)


def _extension(one: Customer, identify: float, custom: float, requests: float) -> Truth:
    """At each wake the worker makes a new id, identifies it and loads the flags again.

    ``identify`` and ``custom`` are shares of the project's events, ``requests`` flag requests for
    each identify.
    """
    project = one.project()
    total, calls = one.total(project), one.counted(project, "$identify")
    own = sum(
        q
        for r, q in one.rows.items()
        if r.project == project and r.meter == "product_analytics" and r.event[0] not in "$A"
    )
    rest = total - calls - own
    whole = rest / (1 - identify - custom)
    if custom * whole < own:
        raise UnsuitableError("many own events")
    name = next(r.event for r in one.rows if r.project == project and r.event[0] not in "$A")
    one.send(project, name, custom * whole - own)
    one.send(project, "$identify", identify * whole - calls)
    asked = one.counted(project, "flags", "feature_flags")
    one.ask_flags(project, max(requests * identify * whole - asked, 0))
    implied = (*CALLS, "flag_requests_per_session_too_high", *DENSE)
    return Truth(EXTENSION, project, waste=_wakes(project), implied=implied)


def _wakes(project: str) -> Waste:
    def waste(one: Customer) -> dict[str, float]:
        calls = dict(spared(project, "$identify")(one))  # type: ignore[operator]
        asked = one.counted(project, "flags", "feature_flags")
        calls["feature_flags"] = max(asked - one.sessions(project), 0) * one.ratio(
            project, "feature_flags"
        )
        return calls

    return waste


@fault(EXTENSION)
def an_extension_wakes_and_identifies(one: Customer) -> Truth:
    return _extension(one, one.between(0.72, 0.93), 0.06, one.between(0.3, 1.2))


@fault(EXTENSION)
def an_extension_that_also_reports_what_it_does(one: Customer) -> Truth:
    return _extension(one, one.between(0.72, 0.8), 0.15, one.between(1.05, 1.4))


@inside(EXTENSION)
def just_over_seventy_percent(one: Customer) -> Truth:
    return _extension(one, one.between(0.702, 0.71), 0.09, 1.1)


@outside(EXTENSION)
def just_under_seventy_percent(one: Customer) -> Truth:
    return _extension(one, one.between(0.68, 0.698), 0.09, 1.1)


@lookalike(EXTENSION)
def much_identify_beside_many_own_events(one: Customer) -> Truth:
    return _extension(one, one.between(0.71, 0.78), one.between(0.13, 0.2), 0.4)


@fault(MERGES, group="identity")
def ids_are_merged_that_both_have_people(one: Customer) -> Truth:
    project = one.project()
    one.warn(project, "cannot_merge_already_identified", round(one.between(12, 4_000)))
    return Truth(MERGES, project)


@inside(MERGES)
def ten_refused(one: Customer) -> Truth:
    project = one.project()
    one.warn(project, "cannot_merge_already_identified", 10)
    return Truth(MERGES, project)


@outside(MERGES)
def nine_refused(one: Customer) -> Truth:
    project = one.project()
    one.warn(project, "cannot_merge_already_identified", 9)
    return Truth(MERGES, project)


@lookalike(MERGES)
def other_warnings(one: Customer) -> Truth:
    project = one.project()
    one.warn(project, "skipping_event_invalid_uuid", 400)
    return Truth(MERGES, project)


@fault(ILLEGAL, group="identity")
def everybody_is_called_null(one: Customer) -> Truth:
    project = one.project()
    one.warn(project, "cannot_merge_with_illegal_distinct_id", round(one.between(2, 900)))
    return Truth(ILLEGAL, project)


@inside(ILLEGAL)
def once_is_enough(one: Customer) -> Truth:
    project = one.project()
    one.warn(project, "cannot_merge_with_illegal_distinct_id", 1)
    return Truth(ILLEGAL, project)


@lookalike(ILLEGAL)
def refused_for_another_reason(one: Customer) -> Truth:
    project = one.project()
    one.warn(project, "cannot_merge_already_identified", 5)
    return Truth(ILLEGAL, project)


def _bots(one: Customer, share: float) -> Truth:
    """Crawlers run the page's scripts; they never log in."""
    project = one.project()
    one.activity[project, "bot_events"] = 0
    events = share * one.total(project) / (1 - share)
    bill = added(
        one.send(project, "$pageview", events * 0.7, identified=False),
        one.send(project, "$pageleave", events * 0.3, identified=False),
    )
    one.count(project, "bot_events", events)
    one.count(project, "behaviour_events", -events)

    def holds(one: Customer) -> bool:
        return one.activity[project, "bot_events"] > 0.05 * one.total(project)

    return Truth(BOTS, project, waste=bill, holds=holds)


@fault(BOTS, group="bots")
def crawlers_run_the_scripts(one: Customer) -> Truth:
    return _bots(one, one.between(0.055, 0.4))


@inside(BOTS)
def just_over_five_percent(one: Customer) -> Truth:
    return _bots(one, one.between(0.0505, 0.053))


@outside(BOTS)
def just_under_five_percent_and_cheap(one: Customer) -> Truth:
    share = one.between(0.042, 0.049)
    project = one.project()
    events = share * one.total(project) / (1 - share) * one.ratio(project)
    if one.would_cost(dict.fromkeys(identified_meters(one), events)) > 9:
        raise UnsuitableError("dear")
    return _bots(one, share)


@lookalike(BOTS)
def a_monitor_pings_every_page_once_a_day(one: Customer) -> Truth:
    share = one.between(0.001, 0.004)
    _cheap(one, share + 0.004, 8)
    return _bots(one, share)
