"""Packages, discounts and the platform."""

from decimal import Decimal

from corpus import money
from corpus.customer import Customer
from corpus.planting import Truth, fault, inside, lookalike, outside
from corpus.units import PACKAGES

PACKAGE = "legacy_package"
DISCOUNT = "legacy_discount"
KEYS = "api_queries_dominate"
FAILING = "queries_failing"


def _teams(one: Customer, *, saml: bool) -> Truth:
    for name in PACKAGES:
        one.unsubscribe(name)
    before = one.bill()
    one.subscribe("boost")
    boost = one.bill() - before
    one.unsubscribe("boost")
    one.subscribe("teams", legacy=True)
    teams = one.bill() - before
    one.organization["features"] = '["audit_logs", "saml"]' if saml else '["audit_logs"]'
    assert money.package("teams", one.as_of) > money.package("boost", one.as_of)
    return Truth(PACKAGE, saving=teams - boost)


@fault(PACKAGE, group="package")
def the_old_package_without_single_sign_on(one: Customer) -> Truth:
    return _teams(one, saml=False)


@lookalike(PACKAGE)
def the_old_package_for_its_single_sign_on(one: Customer) -> Truth:
    return _teams(one, saml=True)


@lookalike(PACKAGE)
def the_package_of_today(one: Customer) -> Truth:
    for name in PACKAGES:
        one.unsubscribe(name)
    one.subscribe(one.pick(("boost", "scale")))
    return Truth(PACKAGE)


def _percent_off(one: Customer, percent: str) -> Truth:
    one.organization["discount_percent"] = Decimal(percent)
    return Truth(DISCOUNT)


@fault(DISCOUNT)
def the_coupon_of_old_times(one: Customer) -> Truth:
    return _percent_off(one, "30")


@outside(DISCOUNT)
def another_percentage(one: Customer) -> Truth:
    return _percent_off(one, one.pick(("29.99", "30.5", "25")))


@lookalike(DISCOUNT)
def a_startup_discount(one: Customer) -> Truth:
    return _percent_off(one, one.pick(("10", "15", "50")))


def _queries(one: Customer, by_key: float, in_app: float) -> Truth:
    project = one.project()
    one.activity[project, "api_queries"] = round(by_key)
    one.activity[project, "app_queries"] = round(in_app)
    one.activity[project, "failed_queries"] = 0
    return Truth(KEYS, project)


@fault(KEYS, group="keys")
def a_script_polls_every_minute(one: Customer) -> Truth:
    in_app = one.between(100, 5_000)
    return _queries(one, max(11_000, in_app * one.between(11, 200)), in_app)


@inside(KEYS)
def ten_times_as_many(one: Customer) -> Truth:
    return _queries(one, 20_000, one.between(1_950, 2_000))


@inside(KEYS)
def just_over_ten_thousand(one: Customer) -> Truth:
    return _queries(one, 10_010, 300)


@outside(KEYS)
def not_quite_ten_times_as_many(one: Customer) -> Truth:
    return _queries(one, 20_000, one.between(2_005, 2_100))


@outside(KEYS)
def just_under_ten_thousand(one: Customer) -> Truth:
    return _queries(one, 9_990, 300)


@lookalike(KEYS)
def a_script_and_a_busy_team(one: Customer) -> Truth:
    return _queries(one, 60_000, one.between(20_000, 90_000))


def _failed(one: Customer, share: float, queries: float = 8_000, crm: bool = True) -> Truth:
    for project in one.projects:
        one.activity[project, "app_queries"] = 0
        one.activity[project, "api_queries"] = 0
        one.activity[project, "failed_queries"] = 0
    project = one.project()
    one.activity[project, "app_queries"] = round(queries)
    one.activity[project, "failed_queries"] = round(queries * share)
    if crm:
        one.crm["query_failure_percent_7_days"] = f"{100 * share:.2f}"
    else:
        one.crm.pop("query_failure_percent_7_days", None)
    return Truth(FAILING, implied=("health_poor",))


@fault(FAILING)
def dashboards_time_out(one: Customer) -> Truth:
    return _failed(one, one.between(0.11, 0.6), crm=one.pick((True, False)))


@inside(FAILING)
def just_over_a_tenth(one: Customer) -> Truth:
    return _failed(one, one.between(0.1005, 0.103), crm=one.pick((True, False)))


@outside(FAILING)
def just_under_a_tenth(one: Customer) -> Truth:
    return _failed(one, one.between(0.09, 0.0995), crm=one.pick((True, False)))


@lookalike(FAILING)
def three_of_five_queries_failed(one: Customer) -> Truth:
    return _failed(one, 0.6, queries=5, crm=False)
