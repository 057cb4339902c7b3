"""Bills that grow: limits, unit costs, forecasts."""

from decimal import Decimal

from corpus import money
from corpus.base import lines_of
from corpus.customer import Customer
from corpus.deals import forecast, invoiced
from corpus.moves import grow
from corpus.planters.limits import paid_product
from corpus.planting import Truth, fault, inside, lookalike, outside
from corpus.units import COUNTERS, WHOLE_MONTHS_DAYS, WINDOW, UnsuitableError

NO_LIMIT = "no_billing_limit_on_growing_spend"
SET = "billing_limit_set"
UNIT = "unit_cost_rising"
INVOICE = "upcoming_invoice_large"
#: A business that grows is also seen by whoever watches days, months and forecasts.
MOVING = (
    "upcoming_invoice_large",
    "forecast_changed",
    "usage_step",
    "usage_spike",
    "spike_refundable",
    "refund_window_open",
    "usage_dropped",
    "events_falling",
)


def _month(one: Customer, back: int) -> Decimal:
    """Cost of the metered usage of 30 days, before limits and discounts."""
    terms = one.terms()
    plain = money.Terms(on=terms.on, own=terms.own)
    end = one.days - WINDOW * back
    total: dict[str, int] = {}
    for product, counter in COUNTERS.items():
        for (_, name), series in one.daily.items():
            if name == counter:
                total[product] = total.get(product, 0) + int(series[end - WINDOW : end].sum())
    return money.bill(total, plain)


def _growing(one: Customer, percent: float, *, usd: float = 0) -> Truth:
    """The bill of 30 days is so much above that of the 30 before."""
    if one.quantities().get("inbox"):
        raise UnsuitableError("nobody outside knows what credits of the inbox cost")
    kept = {at: series.copy() for at, series in one.daily.items()}
    low, high = 0.0, 3.0
    for _ in range(18):
        rate = (low + high) / 2
        one.daily = {at: series.copy() for at, series in kept.items()}
        grow(one, rate)
        before = _month(one, 1)
        if before and 100 * float(_month(one, 0) / before - 1) > percent:
            high = rate
        else:
            low = rate
    grown = _month(one, 0) - _month(one, 1)
    reached = 100 * float(grown / max(_month(one, 1), Decimal(1)))
    if grown < usd or abs(reached - percent) > 1:
        one.daily = kept
        one.kept_days = WHOLE_MONTHS_DAYS
        raise UnsuitableError("cheap")
    return Truth(NO_LIMIT, implied=MOVING)


@fault(NO_LIMIT)
def the_business_takes_off(one: Customer) -> Truth:
    return _growing(one, one.between(27, 90), usd=110)


@inside(NO_LIMIT)
def just_over_a_quarter_more(one: Customer) -> Truth:
    return _growing(one, one.between(25.3, 26), usd=110)


@outside(NO_LIMIT)
def just_under_a_quarter_more(one: Customer) -> Truth:
    return _growing(one, one.between(23.5, 24.7), usd=110)


@lookalike(NO_LIMIT)
def a_small_bill_doubles(one: Customer) -> Truth:
    if one.bill() > 160:
        raise UnsuitableError("large")
    return _growing(one, 100)


@lookalike(NO_LIMIT)
def it_grows_under_a_limit(one: Customer) -> Truth:
    truth = _growing(one, one.between(30, 60), usd=110)
    one.limit("product_analytics", 50_000)
    return Truth(NO_LIMIT, implied=(*truth.implied, SET))


def _limit(one: Customer, product: str, usd: int) -> Truth:
    one.limit(product, usd)
    return Truth(SET, product=product)


@fault(SET, group="limits")
def somebody_set_a_limit(one: Customer) -> Truth:
    return _limit(one, paid_product(one), round(one.between(8_000, 40_000)))


@lookalike(SET)
def the_vendors_own_default(one: Customer) -> Truth:
    product, usd = one.pick((("data_warehouse", 500), ("posthog_ai", 150)))
    return _limit(one, product, usd)


def _unit_cost(one: Customer, rise: float, usd: float, *, usage: float = 1.0) -> Truth:
    """Five periods of bills; ``rise`` over the last three, worth ``usd`` a month."""
    product = "product_analytics"
    if not one.cost(product):
        raise UnsuitableError("pays nothing")
    one.fixed.add("bill_lines")
    one.lists["bill_lines"] = lines_of(one)
    quantity = 3_000_000
    price = usd / (quantity * usage * rise) if rise else 0.0001
    before = price if rise else 0.0001
    for back in range(5, 0, -1):
        steps = max(0, 4 - back)  # back = 4 is the period to compare with
        unit = before * (1 + rise * steps / 3)
        units = round(quantity * (1 + (usage - 1) * steps / 3))
        one.lists["bill_lines"] = [
            line
            for line in one.lists["bill_lines"]
            if (line["product"], line["period_start"]) != (product, _start(one, back))
        ]
        one.lists["bill_lines"].append(
            {
                "organization_id": one.id,
                "period_start": _start(one, back),
                "period_end": _start(one, back - 1),
                "product": product,
                "quantity": units,
                "amount_usd": Decimal(f"{unit * units:.2f}"),
                "is_complete": True,
            }
        )
    for line in one.lists["bill_lines"]:
        if line["product"] == product and line.get("amount_usd") is None:
            line["is_complete"] = False
    return Truth(UNIT, product=product, implied=("forecast_changed", "sales_handover_ready"))


def _start(one: Customer, back: int):  # type: ignore[no-untyped-def]
    """First day of the period so many months before the current one."""
    current = one.notes["periods"][-1][0]
    month = current.year * 12 + current.month - 1 - back
    return current.replace(year=month // 12, month=month % 12 + 1)


@fault(UNIT)
def the_cheap_tier_was_lost(one: Customer) -> Truth:
    return _unit_cost(one, one.between(0.17, 0.9), one.between(55, 600))


@inside(UNIT)
def just_over_fifteen_percent(one: Customer) -> Truth:
    return _unit_cost(one, one.between(0.1505, 0.155), 90)


@inside(UNIT)
def just_over_fifty_dollars(one: Customer) -> Truth:
    return _unit_cost(one, 0.4, one.between(50.3, 52))


@outside(UNIT)
def just_under_fifteen_percent(one: Customer) -> Truth:
    return _unit_cost(one, one.between(0.14, 0.1495), 90)


@outside(UNIT)
def just_under_fifty_dollars(one: Customer) -> Truth:
    return _unit_cost(one, 0.4, one.between(46, 49.7))


@lookalike(UNIT)
def twice_the_usage_at_the_same_price(one: Customer) -> Truth:
    return _unit_cost(one, 0.0001, 0.05, usage=2.0)


def _forecast(one: Customer, usual: float, coming: float) -> Truth:
    """The invoices so far, and what the CRM expects of the next."""
    invoiced(one, usual * 0.98, usual, usual * 1.02)
    forecast(one, coming)
    return Truth(INVOICE, implied=("forecast_changed",))


@fault(INVOICE, group="invoice")
def a_new_product_triples_the_bill(one: Customer) -> Truth:
    usual = one.between(60, 2_000)
    return _forecast(one, usual, usual * one.between(2.2, 5))


@fault(INVOICE, group="invoice")
def a_large_bill_grows_by_a_thousand(one: Customer) -> Truth:
    usual = one.between(1_500, 9_000)
    return _forecast(one, usual, usual + one.between(550, 3_000))


@inside(INVOICE)
def just_over_twice(one: Customer) -> Truth:
    return _forecast(one, 200, one.between(400.5, 410))


@inside(INVOICE)
def just_over_five_hundred_above(one: Customer) -> Truth:
    return _forecast(one, 3_000, one.between(3_501, 3_520))


@outside(INVOICE)
def just_under_twice(one: Customer) -> Truth:
    return _forecast(one, 200, one.between(380, 399))


@outside(INVOICE)
def just_under_five_hundred_above(one: Customer) -> Truth:
    return _forecast(one, 3_000, one.between(3_450, 3_499))


@lookalike(INVOICE)
def a_tiny_bill_triples(one: Customer) -> Truth:
    return _forecast(one, 12, one.between(30, 45))
