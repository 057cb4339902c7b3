"""Risk and payment: signs of leaving, credit that ends, cards that are refused, new owners."""

from decimal import Decimal

from corpus.customer import Customer
from corpus.deals import at, crm, day, invoiced
from corpus.planting import Truth, fault, inside, lookalike, outside

CHURN = "churn_risk"
RUNWAY = "credit_runway_short"
OWNER = "owner_role_changed"
PAYMENT = "payment_failed"
STARTUP = "startup_credit_exhausted"
SIBLINGS = "sibling_organizations"
FORECAST = "forecast_changed"
POOR = "health_poor"


def _signs(one: Customer, **fields: object) -> Truth:
    one.crm.update({name: str(value) for name, value in fields.items()})
    return Truth(CHURN, implied=("payment_failed", POOR, "commercial_ask_paused"))


@fault(CHURN)
def it_says_so(one: Customer) -> Truth:
    name = one.pick(("evaluating_alternatives", "champion_left", "export_requested"))
    return _signs(one, **{name: "true"})


@fault(CHURN)
def poor_health_for_months(one: Customer) -> Truth:
    return _signs(one, health_poor_weeks=round(one.between(5, 20)))


@fault(CHURN)
def a_payment_failed_and_nobody_answers(one: Customer) -> Truth:
    return _signs(one, payment_failed_at=day(one, -round(one.between(8, 25))))


@fault(CHURN)
def an_unhappy_customer_renews_soon(one: Customer) -> Truth:
    when = day(one, round(one.between(5, 85)))
    return _signs(one, contract_renewal_date=when, pricing_complaint="true")


@inside(CHURN)
def four_weeks_of_poor_health(one: Customer) -> Truth:
    return _signs(one, health_poor_weeks=4)


@outside(CHURN)
def three_weeks_of_poor_health(one: Customer) -> Truth:
    return _signs(one, health_poor_weeks=3)


@lookalike(CHURN)
def a_happy_customer_renews_soon(one: Customer) -> Truth:
    return _signs(one, contract_renewal_date=day(one, 30))


@lookalike(CHURN)
def a_failed_payment_somebody_talks_about(one: Customer) -> Truth:
    truth = _signs(one, payment_failed_at=day(one, -12), open_conversation="true")
    return Truth(CHURN, implied=truth.implied)


def _credit(one: Customer, runway: int, expires: int) -> Truth:
    one.organization["credit_balance_usd"] = Decimal(4_000)
    one.crm["credit_runway_days"] = str(runway)
    one.crm["credit_expires_at"] = day(one, expires)
    return Truth(RUNWAY)


@fault(RUNWAY)
def the_credit_is_gone_before_its_time(one: Customer) -> Truth:
    runway = round(one.between(20, 200))
    return _credit(one, runway, runway + round(one.between(20, 200)))


@fault(RUNWAY)
def the_credit_ends_within_days(one: Customer) -> Truth:
    return _credit(one, 300, round(one.between(1, 12)))


@inside(RUNWAY)
def thirteen_days(one: Customer) -> Truth:
    return _credit(one, 40, 13)


@outside(RUNWAY)
def as_long_as_it_lasts(one: Customer) -> Truth:
    return _credit(one, 60, 60)


@lookalike(RUNWAY)
def more_credit_than_time(one: Customer) -> Truth:
    return _credit(one, 400, round(one.between(40, 300)))


def _new_owner(one: Customer, days_ago: int) -> Truth:
    one.lists["members"].append(
        {
            "organization_id": one.id,
            "member_id": f"{one.id[:8]}-owner",
            "email": f"owner@{one.id[:13]}.example",
            "name": "New Owner",
            "level": 15,
            "joined_at": at(one, days_ago),
            "last_seen_at": at(one, 1),
        }
    )
    return Truth(OWNER)


@fault(OWNER)
def an_owner_joined(one: Customer) -> Truth:
    return _new_owner(one, round(one.between(1, 12)))


@fault(OWNER)
def an_owner_was_removed(one: Customer) -> Truth:
    one.crm["owner_removed_at"] = day(one, -round(one.between(1, 12)))
    return Truth(OWNER)


@inside(OWNER)
def fourteen_days_ago(one: Customer) -> Truth:
    return _new_owner(one, 14)


@outside(OWNER)
def fifteen_days_ago(one: Customer) -> Truth:
    return _new_owner(one, 15)


@lookalike(OWNER)
def a_member_joined(one: Customer) -> Truth:
    truth = _new_owner(one, 3)
    one.lists["members"][-1]["level"] = 1
    return truth


def _unpaid(one: Customer, attempts: int) -> Truth:
    total = one.between(100, 4_000)
    invoiced(one, total, total, total, status="open")
    one.lists["invoices"][-1]["attempts"] = attempts
    return Truth(PAYMENT, implied=(FORECAST, "upcoming_invoice_large", CHURN))


@fault(PAYMENT)
def the_card_was_refused(one: Customer) -> Truth:
    return _unpaid(one, round(one.between(2, 4)))


@lookalike(PAYMENT)
def an_invoice_sent_today(one: Customer) -> Truth:
    return _unpaid(one, 0)


def _startup(one: Customer, usd: float) -> Truth:
    crm(one, is_startup_plan="true", forecasted_mrr_usd=f"{usd:.2f}")
    return Truth(STARTUP, implied=(FORECAST, "upcoming_invoice_large", RUNWAY))


@fault(STARTUP)
def the_credit_ends_this_period(one: Customer) -> Truth:
    return _startup(one, one.between(20, 3_000))


@inside(STARTUP)
def one_cent_is_due(one: Customer) -> Truth:
    return _startup(one, 0.01)


@outside(STARTUP)
def nothing_is_due(one: Customer) -> Truth:
    return _startup(one, 0)


HOLDING = "northwind-holding.example"


def _sharing(one: Customer, domain: str, level: int = 15) -> Truth:
    for member in one.lists["members"]:
        if member["level"] >= level:
            member["email"] = f"{member['email'].partition('@')[0]}@{domain}"
    return Truth(SIBLINGS)


@fault(SIBLINGS)
def one_company_with_several_organizations(one: Customer) -> Truth:
    return _sharing(one, HOLDING)


@lookalike(SIBLINGS)
def an_owner_with_a_public_address(one: Customer) -> Truth:
    return _sharing(one, "gmail.com")


@lookalike(SIBLINGS)
def a_consultant_in_many_organizations(one: Customer) -> Truth:
    one.lists["members"][-1]["email"] = f"advisor@{HOLDING}"
    one.lists["members"][-1]["level"] = 1
    return Truth(SIBLINGS)
