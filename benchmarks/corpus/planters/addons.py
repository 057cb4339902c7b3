"""Add-ons and products that are paid for and not used."""

import json

from corpus.customer import Customer
from corpus.planting import Truth, Waste, fault, inside, lookalike, outside
from corpus.units import COUNTERS, Row, UnsuitableError

GROUPS = "group_analytics_unused"
PIPELINES = "data_pipelines_unused"
UNUSED = "product_unused"
SETUP = "wrong_setup_refundable"

#: The add-on's last public tiers, as an old contract carries them.
PIPELINE_TIERS = json.dumps(
    [
        {"up_to": 1_000_000, "unit_amount_usd": "0"},
        {"up_to": 2_000_000, "unit_amount_usd": "0.000062"},
        {"up_to": 15_000_000, "unit_amount_usd": "0.000026"},
        {"up_to": None, "unit_amount_usd": "0.0000164"},
    ]
)
#: Products with something to look at, and how the members who look are counted.
LOOKED_AT = (
    "session_replay",
    "surveys",
    "error_tracking",
    "llm_analytics",
    "data_warehouse",
    "logs",
)


def all_of(product: str) -> Waste:
    return lambda one: {product: float(one.quantities().get(product, 0))}


def _copied(one: Customer, product: str, source: str) -> None:
    """An add-on bills every unit of another meter again."""
    one.rows = {r: q for r, q in one.rows.items() if r.meter != product}
    for row, quantity in list(one.rows.items()):
        if row.meter == source:
            one.rows[row._replace(meter=product)] = quantity
    for (project, counter), series in list(one.daily.items()):
        if counter == COUNTERS[source]:
            one.daily[project, COUNTERS[product]] = series.copy()


def _groups(one: Customer, events_with_groups: int) -> Truth:
    for row in [r for r in one.rows if r.event == "$groupidentify"]:
        del one.rows[row]
    one.subscribe("group_analytics")
    _copied(one, "group_analytics", "enhanced_persons")
    for project in one.projects:
        one.activity[project, "group_events"] = 0
    one.activity[one.project(), "group_events"] = events_with_groups
    return Truth(GROUPS, waste=all_of("group_analytics"), implied=(SETUP,))


@fault(GROUPS, group="groups")
def subscribed_and_no_code_sends_a_group(one: Customer) -> Truth:
    return _groups(one, 0)


@outside(GROUPS)
def one_event_carries_a_group(one: Customer) -> Truth:
    return _groups(one, 1)


@lookalike(GROUPS)
def a_pilot_sends_few_groups(one: Customer) -> Truth:
    return _groups(one, round(one.between(200, 20_000)))


def _pipelines(one: Customer, *, sends: bool) -> Truth:
    one.subscribe("data_pipelines", tiers=PIPELINE_TIERS, legacy=True)
    _copied(one, "data_pipelines", "product_analytics")
    for kind in ("destination", "batch_export"):
        one.remove(kind)
    for project in one.projects:
        one.drop(project, "realtime_destinations")
        one.drop(project, "batch_exports")
    if sends:
        one.resource(one.project(), "batch_export", "Nightly copy")
    return Truth(PIPELINES, waste=all_of("data_pipelines"), implied=(SETUP,))


def _paying(one: Customer) -> None:
    if one.quantities()["product_analytics"] < 1_050_000:
        raise UnsuitableError("within the free allowance")


@fault(PIPELINES, group="pipelines")
def an_old_add_on_that_sends_nowhere(one: Customer) -> Truth:
    _paying(one)
    return _pipelines(one, sends=False)


@lookalike(PIPELINES)
def one_export_every_night(one: Customer) -> Truth:
    _paying(one)
    return _pipelines(one, sends=True)


@lookalike(PIPELINES)
def the_add_on_costs_nothing_yet(one: Customer) -> Truth:
    if one.quantities()["product_analytics"] > 900_000:
        raise UnsuitableError("too large")
    return _pipelines(one, sends=False)


def _unseen(one: Customer, product: str) -> None:
    for project in one.projects:
        one.activity[project, "people_using_" + product] = 0


def _costing(one: Customer, product: str, usd: float) -> float:
    """Units of a product that costs this much all in all."""
    spared = one.quantities().pop(product, 0)
    if spared:
        for project in one.projects:
            one.drop(project, product)
    return one.use(one.project(), product, one.units_costing(usd, [product]))


def _nobody_looks(one: Customer, usd: float, product: str) -> list[Truth]:
    if product == "session_replay":
        for project in one.projects:
            if one.billed(project, "mobile_replay"):
                raise UnsuitableError("mobile recordings are watched in the same place")
    units = _costing(one, product, usd)
    if product == "session_replay":
        _as_long_recordings(one, units)
    _unseen(one, product)
    return [
        Truth(UNUSED, product=product, waste={product: units}, implied=IMPLIED.get(product, ()))
    ]


#: What else is true of a product that grew to have a price.
IMPLIED = {
    "session_replay": ("replay_without_controls",),
    "surveys": ("survey_running_for_months",),
    "error_tracking": ("exceptions_without_suppression", "error_tracking_silent"),
    "llm_analytics": ("ai_generations_absent",),
}


def _as_long_recordings(one: Customer, units: float) -> None:
    project = one.project()
    one.rows = {r: q for r, q in one.rows.items() if r.meter != "session_replay"}
    row = Row(project, "session_replay", "5_seconds_or_longer", "web", "production", False, False)
    one.rows[row] = round(units)


@fault(UNUSED, group="unused")
def logs_nobody_opens(one: Customer) -> list[Truth]:
    return _nobody_looks(one, one.between(6, 400), "logs")


@fault(UNUSED)
def a_product_nobody_opens(one: Customer) -> list[Truth]:
    return _nobody_looks(one, one.between(6, 400), one.pick(LOOKED_AT))


@fault(UNUSED)
def every_flag_is_stale_or_off(one: Customer) -> Truth:
    for row in one.resources("flag"):
        row["state"] = one.pick(("stale", "inactive"))
    one.remove("experiment")
    units = one.quantities()["feature_flags"]
    if units < 1_100_000:
        one.poll_flags(one.project(), (1_300_000 - units) / 10)
    waste = all_of("feature_flags")
    implied = ("flag_polling_dominates", "stale_flags", "forgotten_flag_bills_requests")
    return Truth(UNUSED, product="feature_flags", waste=waste, implied=implied)


@inside(UNUSED)
def just_over_five_dollars(one: Customer) -> list[Truth]:
    return _nobody_looks(one, one.between(5.06, 5.4), one.pick(LOOKED_AT))


@outside(UNUSED)
def just_under_five_dollars(one: Customer) -> list[Truth]:
    return _nobody_looks(one, one.between(4.0, 4.9), one.pick(("error_tracking", "data_warehouse")))


@lookalike(UNUSED)
def nobody_opens_it_and_it_is_free(one: Customer) -> Truth:
    product = one.pick(("error_tracking", "logs", "data_warehouse"))
    free = {"error_tracking": 90_000, "logs": 9_000, "data_warehouse": 900_000}
    for project in one.projects:
        one.drop(project, product)
    one.use(one.project(), product, free[product] * one.between(0.2, 0.95))
    _unseen(one, product)
    return Truth(UNUSED, product=product)


@lookalike(UNUSED)
def one_person_looks_once_a_month(one: Customer) -> Truth:
    product = one.pick(LOOKED_AT)
    units = _costing(one, product, one.between(20, 200))
    if product == "session_replay":
        _as_long_recordings(one, units)
    _unseen(one, product)
    one.activity[one.project(), "people_using_" + product] = 1
    return Truth(UNUSED, product=product, implied=IMPLIED.get(product, ()))
