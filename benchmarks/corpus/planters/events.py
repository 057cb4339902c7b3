"""Events that cost more than they give: autocapture nobody reads, profiles nobody needs."""

from corpus.customer import Customer
from corpus.planters.calls import call_until, identified_meters, share_above
from corpus.planting import Truth, Waste, fault, inside, lookalike, outside
from corpus.units import EVENT_METERS, UnsuitableError

AUTOCAPTURE = "autocapture_unread"
#: More events of the same people.
DENSE = ("events_per_person_high",)
ANONYMOUS = "identified_where_anonymous_would_do"


def billed_for(project: str, *events: str) -> Waste:
    """All that these events are billed."""
    return lambda one: one.units(project, lambda r: r.event in events and r.meter in EVENT_METERS)


def _unread_clicks(one: Customer, share: float) -> Truth:
    project = one.project()
    call_until(one, project, "$autocapture", share)
    for row in one.resources("action", project):
        if "$autocapture" in row["refers_to"]:
            row["state"] = "inactive"
    waste = billed_for(project, "$autocapture")
    holds = share_above(project, 0.5, "$autocapture")
    implied = (*DENSE, "spend_mostly_autocapture")
    return Truth(AUTOCAPTURE, project, waste=waste, implied=implied, holds=holds)


@fault(AUTOCAPTURE, group="autocapture")
def autocapture_is_on_and_nobody_made_an_action(one: Customer) -> Truth:
    return _unread_clicks(one, one.between(0.52, 0.85))


@inside(AUTOCAPTURE)
def just_over_half(one: Customer) -> Truth:
    return _unread_clicks(one, one.between(0.501, 0.51))


@outside(AUTOCAPTURE)
def just_under_half(one: Customer) -> Truth:
    return _unread_clicks(one, one.between(0.48, 0.499))


@lookalike(AUTOCAPTURE)
def high_autocapture_that_an_action_reads(one: Customer) -> Truth:
    project = one.project()
    call_until(one, project, "$autocapture", one.between(0.55, 0.8))
    return Truth(AUTOCAPTURE, project, implied=(*DENSE, "spend_mostly_autocapture"))


def _profiles(one: Customer, events: float) -> Truth:
    """Visitors get a profile they never use."""
    project = one.project()
    more = one.send(project, "$pageview", events, known=False)
    waste = {p: n for p, n in more.items() if p in ("enhanced_persons", "group_analytics")}

    def holds(one: Customer) -> bool:
        strangers = sum(
            q
            for r, q in one.rows.items()
            if (r.project, r.meter, r.known) == (project, "enhanced_persons", False)
        )
        return strangers > 0.2 * one.total(project)

    return Truth(ANONYMOUS, project, waste=waste, implied=DENSE, holds=holds)


def _profiled_until(one: Customer, share: float) -> float:
    project = one.project()
    return share * one.total(project) / (1 - share)


def _profile_meters(one: Customer) -> list[str]:
    return [m for m in identified_meters(one) if m in ("enhanced_persons", "group_analytics")]


def _at_stake(one: Customer, usd: float) -> float:
    """Events whose profiles cost so much; few enough to be a small share."""
    project = one.project()
    events = one.units_costing(usd, _profile_meters(one)) / one.ratio(project)
    unknown = one.units(project, lambda r: r.meter == "enhanced_persons" and not r.known)
    if unknown or events > 0.15 * one.total(project):
        raise UnsuitableError("too small")
    return events


@fault(ANONYMOUS, group="profiles")
def a_profile_for_every_visitor(one: Customer) -> Truth:
    return _profiles(one, _profiled_until(one, one.between(0.22, 0.6)))


@inside(ANONYMOUS)
def just_over_a_fifth(one: Customer) -> Truth:
    return _profiles(one, _profiled_until(one, one.between(0.2005, 0.208)))


@inside(ANONYMOUS)
def just_over_25_dollars(one: Customer) -> Truth:
    return _profiles(one, _at_stake(one, one.between(25.6, 27)))


@outside(ANONYMOUS)
def just_under_25_dollars(one: Customer) -> Truth:
    return _profiles(one, _at_stake(one, one.between(22.5, 24.4)))


@outside(ANONYMOUS)
def just_under_a_fifth_and_cheap(one: Customer) -> Truth:
    events = _profiled_until(one, one.between(0.185, 0.199))
    units = dict.fromkeys(_profile_meters(one), events * one.ratio(one.project()))
    project = one.project()
    # Those never identified before count too.
    unknown = one.units(project, lambda r: r.meter == "enhanced_persons" and not r.known)
    if unknown or one.would_cost(units) > 22:
        raise UnsuitableError("dear")
    return _profiles(one, events)


@lookalike(ANONYMOUS)
def a_busy_product_behind_a_login(one: Customer) -> Truth:
    project = one.project()
    one.send(project, "$pageview", one.total(project) * one.between(0.3, 1.0), known=True)
    return Truth(ANONYMOUS, project, implied=DENSE)
