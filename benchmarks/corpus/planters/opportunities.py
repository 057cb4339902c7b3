"""What is not used, not measured or not set up."""

import json

from corpus.base import MONEY_EVENT
from corpus.customer import Customer
from corpus.moves import resize
from corpus.planters.calls import call_until
from corpus.planters.events import DENSE
from corpus.planting import Truth, fault, inside, lookalike, outside
from corpus.units import UnsuitableError

UNFILTERED = "internal_users_unfiltered"
PROXY = "no_reverse_proxy"
PER_PERSON = "events_per_person_high"
MOSTLY = "spend_mostly_autocapture"
HEATMAPS = "heatmaps_off"
REVENUE = "revenue_not_measured"
COHORTS = "cohorts_absent"
ACTIONS = "actions_absent"
INSIGHTS = "insights_not_viewed"
EXPECTED = "expected_product_missing"
#: A project that was made small may have lost its few errors or flags.
SMALL = (
    "expected_product_missing",
    "error_tracking_silent",
    "first_bill_refundable",
    "refund_window_open",
)
#: What a small project leaves unsaid or a bare one says as well.
BARE = (
    "custom_events_unread",
    "web_vitals_unread",
    "pageleave_unread",
    "dead_clicks_unread",
    "autocapture_unread",
    "insights_not_viewed",
    *SMALL,
)


def _unfiltered(one: Customer, events: float | None = None) -> Truth:
    project = one.project()
    if events is not None:
        resize(one, project, events)
    one.configure(project, test_account_filters=one.pick((None, "[]")))
    return Truth(UNFILTERED, project, implied=SMALL)


@fault(UNFILTERED, group="filters")
def the_team_counts_as_users(one: Customer) -> Truth:
    return _unfiltered(one)


@inside(UNFILTERED)
def just_over_ten_thousand_events(one: Customer) -> Truth:
    return _unfiltered(one, 10_100)


@outside(UNFILTERED)
def just_under_ten_thousand_events(one: Customer) -> Truth:
    return _unfiltered(one, 9_800)


@lookalike(UNFILTERED)
def one_filter_by_mail_address(one: Customer) -> Truth:
    project = one.project()
    one.configure(project, test_account_filters=json.dumps([{"key": "email", "value": "@us"}]))
    return Truth(UNFILTERED, project)


def _proxied(one: Customer, share: float, web_events: float | None = None) -> Truth:
    project = one.project()
    if web_events is not None:
        resize(one, project, web_events * one.total(project) / one.activity[project, "web_events"])
    events = one.activity[project, "web_events"]
    if events < 900:
        raise UnsuitableError("no web")
    one.activity[project, "proxied_web_events"] = int(events * share)
    return Truth(PROXY, project, implied=SMALL)


@fault(PROXY, group="proxy")
def straight_to_the_vendor(one: Customer) -> Truth:
    return _proxied(one, 0)


@inside(PROXY)
def just_under_one_percent(one: Customer) -> Truth:
    return _proxied(one, 0.0098)


@inside(PROXY)
def just_over_a_thousand_web_events(one: Customer) -> Truth:
    return _proxied(one, 0, 1_030)


@outside(PROXY)
def just_over_one_percent(one: Customer) -> Truth:
    return _proxied(one, 0.0105)


@outside(PROXY)
def just_under_a_thousand_web_events(one: Customer) -> Truth:
    return _proxied(one, 0, 970)


@lookalike(PROXY)
def half_of_the_sites_use_a_proxy(one: Customer) -> Truth:
    return _proxied(one, one.between(0.2, 0.6))


def _per_person(one: Customer, events: float) -> Truth:
    project = one.project()
    people = one.activity[project, "behaviour_events"] / events
    one.activity[project, "behaviour_people"] = max(int(people), 1)
    return Truth(PER_PERSON, project)


@fault(PER_PERSON, group="per person")
def few_people_and_many_events(one: Customer) -> Truth:
    return _per_person(one, one.between(620, 4_000))


@inside(PER_PERSON)
def just_over_the_highest_benchmark(one: Customer) -> Truth:
    return _per_person(one, one.between(584, 590))


@outside(PER_PERSON)
def just_under_the_highest_benchmark(one: Customer) -> Truth:
    return _per_person(one, one.between(560, 580))


@lookalike(PER_PERSON)
def a_product_people_live_in(one: Customer) -> Truth:
    return _per_person(one, one.between(250, 500))


def _mostly(one: Customer, share: float) -> Truth:
    """Autocapture is this share of all events of the organization."""
    project = one.project()
    total = one.total(None)
    now = sum(one.counted(p, "$autocapture") for p in one.projects)
    if now > share * total:
        raise UnsuitableError("more already")
    one.send(project, "$autocapture", (share * total - now) / (1 - share))
    return Truth(MOSTLY, implied=DENSE)


@fault(MOSTLY)
def clicks_are_nearly_all_there_is(one: Customer) -> Truth:
    return _mostly(one, one.between(0.82, 0.95))


@inside(MOSTLY)
def just_over_four_fifths(one: Customer) -> Truth:
    return _mostly(one, one.between(0.801, 0.806))


@outside(MOSTLY)
def just_under_four_fifths(one: Customer) -> Truth:
    return _mostly(one, one.between(0.79, 0.799))


@lookalike(MOSTLY)
def three_quarters_are_clicks(one: Customer) -> Truth:
    return _mostly(one, one.between(0.6, 0.76))


def _heatmaps(one: Customer, events: float | None, *, on: bool = False) -> Truth:
    project = one.project()
    if events is not None:
        resize(one, project, events * one.total(project) / one.activity[project, "web_events"])
    if one.activity[project, "web_events"] < 9_000:
        raise UnsuitableError("small")
    one.configure(project, heatmaps_opt_in=True if on else one.pick((None, False)))
    return Truth(HEATMAPS, project, implied=SMALL)


@fault(HEATMAPS, group="heatmaps")
def nobody_switched_them_on(one: Customer) -> Truth:
    return _heatmaps(one, None)


@inside(HEATMAPS)
def just_over_ten_thousand_web_events(one: Customer) -> Truth:
    return _heatmaps(one, 10_150)


@outside(HEATMAPS)
def just_under_ten_thousand_web_events(one: Customer) -> Truth:
    return _heatmaps(one, 9_800)


@lookalike(HEATMAPS)
def they_are_on(one: Customer) -> Truth:
    return _heatmaps(one, None, on=True)


def _named_otherwise(one: Customer) -> None:
    """No event and no synced table is called after money any more."""
    plain = [f"step_{n}_done" for n in range(60)]
    names: dict[str, str] = {}
    for row in sorted(one.rows):
        if row.meter in ("session_replay", "mobile_replay", "feature_flags"):
            continue
        if row.event[0] != "$" and not row.event.startswith("Application "):
            names.setdefault(row.event, plain[len(names)])
    rows: dict[object, int] = {}
    for row, quantity in one.rows.items():
        new = row._replace(event=names.get(row.event, row.event))
        rows[new] = rows.get(new, 0) + quantity
    one.rows = rows  # type: ignore[assignment]
    for made in one.lists["resources"]:
        if isinstance(made["refers_to"], str):
            listed = json.loads(made["refers_to"])
            made["refers_to"] = json.dumps([names.get(e, e) for e in listed])
        if made["kind"] == "warehouse_schema":
            made["name"] = "tickets"


@fault(REVENUE, group="revenue")
def nothing_is_called_after_money(one: Customer) -> Truth:
    _named_otherwise(one)
    return Truth(REVENUE)


@lookalike(REVENUE)
def one_event_in_ten_thousand_is_a_payment(one: Customer) -> Truth:
    _named_otherwise(one)
    project = one.project()
    name = one.pick(("Payment received", "order_placed", "invoice.paid", "Subscription Renewed"))
    one.send(project, name, max(3, one.total(project) / 10_000))
    one.resource(project, "insight", "Payments", refers_to=[name])
    return Truth(REVENUE)


@lookalike(REVENUE)
def charges_come_from_the_warehouse(one: Customer) -> Truth:
    _named_otherwise(one)
    one.remove("warehouse_schema")
    one.resource(
        one.project(),
        "warehouse_schema",
        "stripe_charges",
        sync_type="incremental",
        sync_frequency="24h",
        incremental_field="id",
        latest_error=None,
        rows_synced=900,
        syncs=30,
    )
    return Truth(REVENUE)


@outside(REVENUE)
def a_small_organization_says_nothing(one: Customer) -> Truth:
    _named_otherwise(one)
    for project in one.projects:
        resize(one, project, 9_700 / len(one.projects))
    return Truth(REVENUE, implied=SMALL)


def _people(one: Customer, people: int | None, *, cohorts: int = 0) -> Truth:
    project = one.project()
    if people is None and one.activity[project, "behaviour_people"] < 1_100:
        raise UnsuitableError("few people")
    one.remove("cohort", project)
    if people is not None:
        one.activity[project, "behaviour_people"] = people
        one.activity[project, "people"] = max(people, one.activity[project, "people"])
    for number in range(cohorts):
        one.resource(project, "cohort", f"Group {number}", refers_to=["$pageview"])
    return Truth(COHORTS, project, implied=(PER_PERSON,))


@fault(COHORTS, group="cohorts")
def many_people_and_no_cohort(one: Customer) -> Truth:
    return _people(one, None)


@inside(COHORTS)
def a_thousand_people(one: Customer) -> Truth:
    return _people(one, 1_000)


@outside(COHORTS)
def nine_hundred_and_ninety_nine_people(one: Customer) -> Truth:
    return _people(one, 999)


@lookalike(COHORTS)
def one_cohort_for_very_many_people(one: Customer) -> Truth:
    return _people(one, None, cohorts=1)


@lookalike(COHORTS)
def thousands_of_bots_and_few_people(one: Customer) -> Truth:
    truth = _people(one, int(one.between(300, 900)))
    one.activity[truth.project, "people"] = int(one.between(2_000, 9_000))
    return truth


def _bare(one: Customer, events: float | None, *, insight: bool = False) -> Truth:
    project = one.project()
    if events is not None:
        resize(one, project, events)
    elif one.total(project) < 110_000:
        raise UnsuitableError("small")
    one.remove("action", project)
    one.remove("insight", project)
    if insight:
        one.resource(project, "insight", "Only one", refers_to=["$pageview"])
    return Truth(ACTIONS, project, implied=BARE)


@fault(ACTIONS)
def data_comes_in_and_nobody_asks_of_it(one: Customer) -> Truth:
    return _bare(one, None)


@inside(ACTIONS)
def just_over_a_hundred_thousand_events(one: Customer) -> Truth:
    return _bare(one, 101_000)


@outside(ACTIONS)
def just_under_a_hundred_thousand_events(one: Customer) -> Truth:
    return _bare(one, 98_500)


@lookalike(ACTIONS)
def one_insight_is_enough(one: Customer) -> Truth:
    return _bare(one, None, insight=True)


def _viewed(one: Customer, days: int, crm_days: int | None = None) -> Truth:
    for row in one.resources("insight"):
        row["last_used_at"] = one.ago(days + 3)
        row["created_at"] = one.ago(days + 90)
    one.resources("insight")[0]["last_used_at"] = one.ago(days)
    one.crm["days_since_insight_analyzed"] = str(days if crm_days is None else crm_days)
    return Truth(INSIGHTS)


@fault(INSIGHTS)
def nobody_came_back(one: Customer) -> Truth:
    return _viewed(one, round(one.between(9, 120)))


@inside(INSIGHTS)
def eight_days(one: Customer) -> Truth:
    return _viewed(one, 8)


@outside(INSIGHTS)
def seven_days(one: Customer) -> Truth:
    return _viewed(one, 7)


@lookalike(INSIGHTS)
def an_unsaved_one_was_analyzed_yesterday(one: Customer) -> Truth:
    return _viewed(one, 40, crm_days=1)


def _unused(one: Customer, product: str) -> Truth:
    for project in one.projects:
        one.drop(project, product)
        if product == "session_replay":
            one.drop(project, "mobile_replay")
            one.configure(project, session_recording_opt_in=False)
            one.activity[project, "idle_recordings"] = 0
        if product == "error_tracking":
            one.configure(project, autocapture_exceptions_opt_in=False)
        if product == "feature_flags":
            one.remove("flag", project)
            one.remove("experiment", project)
    return Truth(EXPECTED)


@fault(EXPECTED)
def one_of_the_three_products_is_not_used(one: Customer) -> Truth:
    return _unused(one, one.pick(("session_replay", "feature_flags", "error_tracking")))


@lookalike(EXPECTED)
def there_is_waste_to_cut_first(one: Customer) -> Truth:
    truth = _unused(one, "session_replay")
    project = one.project()
    for row in one.resources("action", project):
        row["state"] = "inactive"
    call_until(one, project, "$autocapture", 0.85)
    return Truth(truth.check, implied=("autocapture_unread", "spend_mostly_autocapture", *DENSE))


@lookalike(EXPECTED)
def all_three_are_used_a_little(one: Customer) -> Truth:  # noqa: ARG001 - calm customers do
    return Truth(EXPECTED)


__all__ = ["MONEY_EVENT"]
