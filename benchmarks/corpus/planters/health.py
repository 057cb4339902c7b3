"""Signs of health: what the CRM, the members and the days say."""

import numpy as np

from corpus.customer import Customer
from corpus.deals import at, forecast, invoiced
from corpus.moves import reshape
from corpus.planters.calls import identified_meters
from corpus.planting import Truth, fault, inside, lookalike, outside
from corpus.units import WINDOW

VISITED = "billing_page_visited"
FALLING = "events_falling"
FEW = "few_active_people"
FORECAST = "forecast_changed"
POOR = "health_poor"
DROPPED = "usage_dropped"
#: Servers and flags go on as before while fewer people come.
FEWER_VISITS = ("flag_requests_per_session_too_high", "calls_per_session_too_high")
#: A bill that is large beside a small one.
BILLS = ("refund_window_open", "first_bill_refundable", "upcoming_invoice_large")


def _visits(one: Customer, visits: int) -> Truth:
    one.crm["billing_page_visits_7_days"] = str(visits)
    return Truth(VISITED)


@fault(VISITED)
def somebody_worries_about_the_bill(one: Customer) -> Truth:
    return _visits(one, round(one.between(3, 30)))


@inside(VISITED)
def twice_a_week(one: Customer) -> Truth:
    return _visits(one, 2)


@outside(VISITED)
def once_a_week(one: Customer) -> Truth:
    return _visits(one, 1)


def _event_days(one: Customer, low: int, high: int, factor: float) -> None:
    """Events of the days from ``low`` to ``high`` ago, both included, times a factor."""
    shape = np.ones(one.days)
    shape[one.days - high : one.days - low + 1] = factor
    reshape(one, identified_meters(one), shape)


def _last_week(one: Customer, fall: float) -> Truth:
    """The last 7 days have this share fewer events than the 7 before."""
    total = sum(one.daily[p, "event_count_in_period"] for p in _counted(one))
    last, before = float(total[-7:].sum()), float(total[-14:-7].sum())
    _event_days(one, 1, 7, (1 - fall) * before / last)
    return Truth(FALLING, implied=(FORECAST, "usage_step", "usage_spike", DROPPED, *FEWER_VISITS))


def _counted(one: Customer) -> list[str]:
    return [p for p in one.projects if (p, "event_count_in_period") in one.daily]


@fault(FALLING)
def half_the_traffic_went_away(one: Customer) -> Truth:
    return _last_week(one, one.between(0.22, 0.8))


@inside(FALLING)
def just_over_a_fifth(one: Customer) -> Truth:
    return _last_week(one, one.between(0.202, 0.208))


@outside(FALLING)
def just_under_a_fifth(one: Customer) -> Truth:
    return _last_week(one, one.between(0.18, 0.198))


def _last_month(one: Customer, fall: float) -> Truth:
    total = sum(one.daily[p, "event_count_in_period"] for p in _counted(one))
    last = float(total[-WINDOW:].sum())
    # Against the lower of the two months before: what only undoes a rise is explained.
    months = [float(total[-WINDOW * n :][:WINDOW].sum()) for n in (2, 3)]
    before = min(months)
    _event_days(one, 1, WINDOW, (1 - fall) * before / last)
    implied = (FORECAST, "usage_step", "usage_spike", FALLING, POOR, *FEWER_VISITS)
    return Truth(DROPPED, implied=implied)


@fault(DROPPED)
def a_site_was_switched_off(one: Customer) -> Truth:
    return _last_month(one, one.between(0.33, 0.9))


@inside(DROPPED)
def just_over_thirty_percent(one: Customer) -> Truth:
    return _last_month(one, one.between(0.303, 0.31))


@outside(DROPPED)
def just_under_thirty_percent(one: Customer) -> Truth:
    return _last_month(one, one.between(0.28, 0.297))


@lookalike(DROPPED)
def back_to_normal_after_a_campaign(one: Customer) -> Truth:
    _event_days(one, WINDOW + 1, 2 * WINDOW, 2.0)
    return Truth(DROPPED, implied=(FORECAST, "usage_step", "usage_spike", POOR, *BILLS))


def _engaging(one: Customer, people: int) -> Truth:
    for project, measure in list(one.activity):
        if measure.startswith("people_using_"):
            at_most = people if project == one.project() else 0
            before = one.activity[project, measure]
            one.activity[project, measure] = min(before, at_most)
    one.activity[one.project(), "people_using_product_analytics"] = people
    one.crm["users_engaging"] = str(people)
    return Truth(FEW, implied=(POOR, "product_unused", "web_vitals_unread", "pageleave_unread"))


@fault(FEW)
def one_or_two_people(one: Customer) -> Truth:
    return _engaging(one, round(one.between(1, 2)))


@outside(FEW)
def three_people(one: Customer) -> Truth:
    return _engaging(one, 3)


def _expected(one: Customer, last: float, coming: float) -> Truth:
    invoiced(one, last, last, last)
    forecast(one, coming)
    return Truth(FORECAST, implied=("upcoming_invoice_large",))


@fault(FORECAST)
def much_more_is_coming(one: Customer) -> Truth:
    last = one.between(300, 3_000)
    return _expected(one, last, last * one.between(1.13, 1.9))


@fault(FORECAST)
def much_less_is_coming(one: Customer) -> Truth:
    last = one.between(300, 3_000)
    return _expected(one, last, last * one.between(0.3, 0.87))


@inside(FORECAST)
def just_over_a_tenth(one: Customer) -> Truth:
    return _expected(one, 1_000, one.pick((1_101, 899)))


@outside(FORECAST)
def just_under_a_tenth(one: Customer) -> Truth:
    return _expected(one, 1_000, one.pick((1_099, 901)))


@lookalike(FORECAST)
def a_small_bill_changes_by_a_few_dollars(one: Customer) -> Truth:
    return _expected(one, 60, one.pick((78, 45)))


GOOD = {
    "active_users_percent": (60, 10),
    "active_users_percent_change": (1, -40),
    "users_engaging": (12, 1),
    "tickets_30_days": (1, 14),
    "urgent_tickets": (0, 4),
    "docs_visits_7_days": (4, 150),
    "query_failure_percent_7_days": (1, 30),
    "days_since_meeting": (10, 200),
    "days_since_ticket": (10, 200),
    "days_since_last_seen": (0, 20),
    "analysing_insights_percent": (60, 5),
    "watching_replays_percent": (60, 5),
    "creating_flags_percent": (30, 0),
    "using_experiments_percent": (30, 0),
    "viewing_surveys_percent": (30, 0),
}
NEAR_HEALTH = (
    "churn_risk",
    FEW,
    "queries_failing",
    FALLING,
    DROPPED,
    "commercial_ask_paused",
    FORECAST,
    "usage_step",
    "usage_spike",
    "insights_not_viewed",
    "sales_handover_ready",
    "product_unused",
)


def _health(one: Customer, *, poor: bool) -> Truth:
    one.crm.update({name: str(pair[poor]) for name, pair in GOOD.items()})
    if poor:
        _neglected(one)
    return Truth(POOR, implied=NEAR_HEALTH)


def _neglected(one: Customer) -> None:
    """Hardly anybody logs in, nobody looks, usage of everything went down by half."""
    for member in one.lists["members"][1:]:
        member["last_seen_at"] = at(one, 70)
    one.lists["members"][0]["last_seen_at"] = at(one, 21)
    for project in one.projects:
        for key in [k for k in one.activity if k[0] == project]:
            if key[1].startswith("people_using_") and key[1] != "people_using_web_analytics":
                one.activity[key] = min(one.activity[key], 1)
    queries = one.activity[one.project(), "app_queries"]
    one.activity[one.project(), "failed_queries"] = round(
        0.3 * (queries + one.activity[one.project(), "api_queries"])
    )
    shape = np.ones(one.days)
    shape[-WINDOW:] = 0.5
    reshape(one, [*identified_meters(one), "session_replay", "feature_flags"], shape)


@fault(POOR)
def neglected_in_every_way(one: Customer) -> Truth:
    return _health(one, poor=True)


@lookalike(POOR)
def well_in_every_way(one: Customer) -> Truth:
    return _health(one, poor=False)
