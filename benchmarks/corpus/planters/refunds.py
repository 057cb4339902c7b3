"""Bills that may be given back."""

from decimal import Decimal

from corpus.customer import Customer
from corpus.deals import crm, invoiced
from corpus.planters.addons import subscribed_and_no_code_sends_a_group
from corpus.planting import Truth, fault, inside, lookalike, outside

FIRST = "first_bill_refundable"
SETUP = "wrong_setup_refundable"
OPEN = "refund_window_open"
REPEATED = "refund_repeated"
ESCALATE = "refund_needs_escalation"
NEAR = (FIRST, OPEN, ESCALATE, "forecast_changed", "upcoming_invoice_large")


def _bills(one: Customer, check: str, *totals: float, days_ago: int = 9) -> Truth:
    invoiced(one, *totals, days_ago=days_ago)
    return Truth(check, implied=tuple(name for name in NEAR if name != check))


@fault(FIRST)
def the_first_bill_ever(one: Customer) -> Truth:
    earlier = [0.0] * round(one.between(0, 3))
    return _bills(one, FIRST, *earlier, one.between(20, 3_000))


@inside(FIRST)
def just_over_a_dollar(one: Customer) -> Truth:
    return _bills(one, FIRST, 0.5, 1.01)


@outside(FIRST)
def a_dollar(one: Customer) -> Truth:
    return _bills(one, FIRST, 0, 1.0)


@lookalike(FIRST)
def the_second_bill(one: Customer) -> Truth:
    return _bills(one, FIRST, one.between(2, 20), one.between(200, 900))


def _setup(one: Customer, refunds: int) -> Truth:
    subscribed_and_no_code_sends_a_group(one)
    crm(one, earlier_refunds=refunds)
    one.fixed.discard("crm")
    implied = ("group_analytics_unused", REPEATED, ESCALATE)
    return Truth(SETUP, product="group_analytics", implied=implied)


def _costs(one: Customer) -> None:
    from corpus.units import UnsuitableError

    if one.quantities().get("enhanced_persons", 0) < 1_050_000:
        raise UnsuitableError("within the free allowance")


@fault(SETUP)
def an_add_on_nobody_asked_for(one: Customer) -> Truth:
    _costs(one)
    return _setup(one, 0)


@lookalike(SETUP)
def it_happened_before(one: Customer) -> Truth:
    _costs(one)
    return _setup(one, round(one.between(1, 3)))


def _window(one: Customer, days_ago: int, times: float) -> Truth:
    usual = one.between(50, 900)
    return _bills(one, OPEN, usual, usual, usual, times * usual, days_ago=days_ago)


@fault(OPEN)
def a_bill_of_many_times_the_usual(one: Customer) -> Truth:
    return _window(one, round(one.between(1, 28)), one.between(3.2, 12))


@inside(OPEN)
def thirty_days_after_the_bill(one: Customer) -> Truth:
    return _window(one, 30, 5)


@inside(OPEN)
def just_over_three_times(one: Customer) -> Truth:
    return _window(one, 10, 3.02)


@outside(OPEN)
def thirty_one_days_after_the_bill(one: Customer) -> Truth:
    return _window(one, 31, 5)


@outside(OPEN)
def just_under_three_times(one: Customer) -> Truth:
    return _window(one, 10, 2.98)


@lookalike(OPEN)
def a_bill_like_the_others(one: Customer) -> Truth:
    return _window(one, 10, one.between(0.8, 1.6))


def _refunded(one: Customer, times: int, *, note: bool = False) -> Truth:
    crm(one, earlier_refunds=times)
    one.fixed.discard("crm")
    if note:
        one.lists["invoices"][0]["credited_usd"] = Decimal("40.00")
    return Truth(REPEATED, implied=(ESCALATE,))


@fault(REPEATED)
def refunded_before_says_the_crm(one: Customer) -> Truth:
    return _refunded(one, round(one.between(1, 4)))


@fault(REPEATED)
def a_credit_note_on_an_older_invoice(one: Customer) -> Truth:
    return _refunded(one, 0, note=True)


@outside(REPEATED)
def never_refunded(one: Customer) -> Truth:
    return _refunded(one, 0)


def _escalated(one: Customer, usual: float, refunds: int = 0, times: float = 4) -> Truth:
    truth = _bills(one, ESCALATE, usual, usual, usual, usual * times)
    crm(one, earlier_refunds=refunds, mrr_usd=f"{usual:.2f}")
    return Truth(ESCALATE, implied=(*truth.implied, REPEATED))


@fault(ESCALATE)
def a_large_customer_asks(one: Customer) -> Truth:
    return _escalated(one, one.between(1_700, 9_000))


@fault(ESCALATE)
def the_third_refund(one: Customer) -> Truth:
    return _escalated(one, one.between(100, 900), refunds=round(one.between(2, 5)))


@inside(ESCALATE)
def exactly_the_level(one: Customer) -> Truth:
    return _escalated(one, 1_667.0)


@outside(ESCALATE)
def just_under_the_level(one: Customer) -> Truth:
    return _escalated(one, 1_666.0, refunds=1)


@lookalike(ESCALATE)
def a_large_customer_with_a_usual_bill(one: Customer) -> Truth:
    return _escalated(one, one.between(1_700, 9_000), times=1.1)
