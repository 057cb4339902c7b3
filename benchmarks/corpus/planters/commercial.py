"""What an account may be offered: Sales, a channel, credit, a tier."""

from corpus.customer import Customer
from corpus.deals import crm, forecast, invoiced, paying
from corpus.planters.addons import subscribed_and_no_code_sends_a_group
from corpus.planters.lifecycle import MONEY, fresh
from corpus.planting import Truth, fault, inside, lookalike, outside

HANDOVER = "sales_handover_ready"
OVERLAP = "product_led_sales_overlap"
FIRST = "first_payment_large"
SLACK = "slack_connect_reached"
CREDITS = "self_serve_credits_eligible"
ANNUAL = "annual_tier_eligible"


def _handover(one: Customer, bills: tuple[float, ...], after: float, **fields: object) -> Truth:
    paying(one, after)
    fresh(one)
    invoiced(one, *bills)
    forecast(one, bills[-1])
    crm(one, **fields)
    return Truth(HANDOVER, implied=MONEY)


@fault(HANDOVER)
def three_large_bills_and_nothing_to_fix(one: Customer) -> Truth:
    level = one.between(1_750, 9_000)
    return _handover(one, (level, level * 1.02, level * 1.05), level)


@inside(HANDOVER)
def just_over_the_level(one: Customer) -> Truth:
    return _handover(one, (1_668, 1_668, 1_668), 1_700)


@outside(HANDOVER)
def the_oldest_bill_is_at_the_level(one: Customer) -> Truth:
    return _handover(one, (1_667, 1_800, 1_800), 1_800)


@outside(HANDOVER)
def the_fixed_bill_is_at_the_level(one: Customer) -> Truth:
    return _handover(one, (1_900, 1_900, 1_900), 1_660)


@lookalike(HANDOVER)
def large_and_full_of_waste(one: Customer) -> Truth:
    truth = _handover(one, (2_500, 2_500, 2_500), 2_400)
    subscribed_and_no_code_sends_a_group(one)
    return truth


@lookalike(HANDOVER)
def large_and_with_sales_already(one: Customer) -> Truth:
    return _handover(one, (2_500, 2_500, 2_500), 2_400, csm_id="005B")


def _lead(one: Customer, bill: float, employees: int, users: int, bills: int = 4) -> Truth:
    fresh(one)
    invoiced(one, *[bill] * bills)
    forecast(one, bill)
    crm(one, employees=employees, users_count=users, icp_country="true")
    return Truth(OVERLAP, implied=MONEY)


@fault(OVERLAP)
def a_mid_sized_company_that_pays(one: Customer) -> Truth:
    return _lead(one, one.between(520, 1_650), round(one.between(60, 900)), 20)


@inside(OVERLAP)
def fifty_one_employees_and_eight_users(one: Customer) -> Truth:
    return _lead(one, one.pick((500, 1_667)), 51, 8, 3)


@outside(OVERLAP)
def fifty_employees(one: Customer) -> Truth:
    return _lead(one, 900, 50, 20)


@outside(OVERLAP)
def two_bills(one: Customer) -> Truth:
    return _lead(one, 900, 100, 20, 2)


@lookalike(OVERLAP)
def a_large_company_with_a_large_bill(one: Customer) -> Truth:
    return _lead(one, one.between(1_800, 9_000), 5_000, 300)


def _first(one: Customer, usd: float, bills: int = 0) -> Truth:
    fresh(one)
    invoiced(one, *[300.0] * bills)
    forecast(one, usd)
    return Truth(FIRST, implied=MONEY)


@fault(FIRST)
def a_large_first_payment(one: Customer) -> Truth:
    return _first(one, one.between(2_100, 9_000))


@inside(FIRST)
def two_thousand(one: Customer) -> Truth:
    return _first(one, 2_000)


@outside(FIRST)
def just_under_two_thousand(one: Customer) -> Truth:
    return _first(one, 1_999)


@lookalike(FIRST)
def a_large_second_payment(one: Customer) -> Truth:
    return _first(one, 5_000, 1)


def _slack(one: Customer, monthly: float, **fields: object) -> Truth:
    crm(one, days_since_slack_message=None, support_package=None)
    invoiced(one, monthly, monthly, monthly)
    forecast(one, monthly)
    crm(one, **fields)
    return Truth(SLACK, implied=MONEY)


@fault(SLACK)
def twenty_thousand_a_year(one: Customer) -> Truth:
    return _slack(one, one.between(1_700, 9_000))


@fault(SLACK)
def a_support_package(one: Customer) -> Truth:
    return _slack(one, 200, support_package="true")


@inside(SLACK)
def exactly_twenty_thousand(one: Customer) -> Truth:
    return _slack(one, 1_666.67)


@outside(SLACK)
def just_under_twenty_thousand(one: Customer) -> Truth:
    return _slack(one, 1_666.0)


@lookalike(SLACK)
def it_has_a_channel(one: Customer) -> Truth:
    return _slack(one, 4_000, days_since_slack_message=3)


def _credits(one: Customer, mean: float, bills: int, after: float, status: str = "paid") -> Truth:
    paying(one, after)
    crm(one, is_startup_plan=None)
    invoiced(one, *[mean] * bills, status=status)
    forecast(one, mean)
    return Truth(CREDITS, implied=MONEY)


@fault(CREDITS)
def a_steady_customer(one: Customer) -> Truth:
    return _credits(one, one.between(300, 1_900), 3, one.between(300, 2_000))


@inside(CREDITS)
def a_mean_of_280(one: Customer) -> Truth:
    return _credits(one, 280, 3, one.between(300, 2_000))


@outside(CREDITS)
def a_mean_just_under_280(one: Customer) -> Truth:
    return _credits(one, 279.5, 3, one.between(300, 2_000))


@outside(CREDITS)
def enough_for_a_tier(one: Customer) -> Truth:
    return _credits(one, 900, 3, 2_090)


@lookalike(CREDITS)
def two_invoices(one: Customer) -> Truth:
    return _credits(one, 900, 2, 900)


@lookalike(CREDITS)
def the_newest_is_not_paid(one: Customer) -> Truth:
    return _credits(one, 900, 4, 900, status="open")


def _annual(one: Customer, monthly: float, **fields: object) -> Truth:
    paying(one, monthly)
    invoiced(one, monthly, monthly, monthly)
    forecast(one, monthly)
    crm(one, is_startup_plan=None, **fields)
    return Truth(ANNUAL, implied=MONEY)


@fault(ANNUAL)
def a_large_customer_without_waste(one: Customer) -> Truth:
    return _annual(one, one.between(2_150, 9_000))


@inside(ANNUAL)
def just_over_25_thousand(one: Customer) -> Truth:
    return _annual(one, 2_084)


@outside(ANNUAL)
def just_under_25_thousand(one: Customer) -> Truth:
    return _annual(one, 2_082)


@lookalike(ANNUAL)
def prepaid_already(one: Customer) -> Truth:
    return _annual(one, one.between(2_150, 9_000), segments="Annual Plan")
