"""Usage that jumps: spikes, steps that stay, tenfold days."""

import numpy as np

from corpus import money
from corpus.customer import Customer
from corpus.moves import Floats, reshape
from corpus.planters.calls import identified_meters
from corpus.planting import Truth, fault, inside, lookalike, outside
from corpus.units import COUNTERS, WINDOW, UnsuitableError

SPIKE = "usage_spike"
STEP = "usage_step"
TENFOLD = "tenfold_day"
REFUNDABLE = "spike_refundable"
#: A month that moved is seen by these too.
MOVED = (
    "upcoming_invoice_large",
    "forecast_changed",
    "no_billing_limit_on_growing_spend",
    "spike_refundable",
    "tenfold_day",
    "refund_window_open",
    "refund_needs_escalation",
    "usage_dropped",
    "events_falling",
    "replay_without_controls",
    "exceptions_without_suppression",
    "flag_requests_per_session_too_high",
    "flag_polling_dominates",
    "usage_spike",
    "usage_step",
    "health_poor",
    "first_bill_refundable",
    "sales_handover_ready",
    # What is worth little becomes worth something with three times the usage.
    "bots_billed",
    "custom_events_unread",
    "dead_clicks_unread",
    "identified_where_anonymous_would_do",
    "idle_recordings",
    "nonproduction_recordings",
    "nonproduction_traffic",
    "warehouse_full_refresh",
)
ALONE = ("session_replay", "error_tracking", "data_warehouse", "llm_analytics")


def _flat(one: Customer) -> Floats:
    return np.ones(one.days)


def _days(one: Customer, ago: int, length: int, factor: float) -> Floats:
    """``length`` days at ``factor`` times their usual, the last of them ``ago`` days back."""
    out = _flat(one)
    last = one.days - ago
    out[last - length + 1 : last + 1] = factor
    return out


def _since(one: Customer, ago: int, factor: float) -> Floats:
    out = _flat(one)
    out[one.days - ago :] = factor
    return out


def _products(one: Customer, product: str) -> list[str]:
    """What moves when the product's usage does."""
    return identified_meters(one) if product == "product_analytics" else [product]


def _stake(one: Customer, product: str, factor: Floats) -> float:
    """What the month costs more for it on the product's own line, in dollars."""
    counter = COUNTERS[product]
    series = sum(s for (_, c), s in one.daily.items() if c == counter)
    if not isinstance(series, np.ndarray):
        return 0.0
    now = int(series[-WINDOW:].sum())
    then = int((series * factor)[-WINDOW:].sum())
    terms = one.terms()
    return float(money.line(product, then, terms) - money.line(product, now, terms))


def _able(one: Customer, at_least: float = 40_000) -> list[str]:
    """Products with enough usage every day for a jump to be told from noise."""
    found = [p for p in ALONE if one.quantities().get(p, 0) > at_least / 20]
    if one.quantities()["product_analytics"] > at_least:
        found.append("product_analytics")
    return found


def _jump(one: Customer, check: str, factor: Floats, product: str, *, least: float = 30) -> Truth:
    if _stake(one, product, factor) < least:
        raise UnsuitableError("cheap")
    reshape(one, _products(one, product), factor)
    others = tuple(name for name in MOVED if name != check)
    return Truth(check, product=product, implied=(*others, check))


@fault(SPIKE)
def a_loop_sends_the_same_event(one: Customer) -> Truth:
    product = one.pick(_able(one) or ["product_analytics"])
    length = round(one.between(1, 4))
    factor = _days(one, round(one.between(1, 26)), length, one.between(3, 12))
    return _jump(one, SPIKE, factor, product)


def _worth(one: Customer, usd: float) -> Truth:
    """A spike that costs this much, as long as it stands out."""
    product, ago = "product_analytics", round(one.between(2, 24))
    low, high = 1.0, 60.0
    for _ in range(40):
        middle = (low + high) / 2
        if _stake(one, product, _days(one, ago, 2, middle)) < usd:
            low = middle
        else:
            high = middle
    if not 2.5 < high < 50:
        raise UnsuitableError("no such spike")
    return _jump(one, SPIKE, _days(one, ago, 2, high), product, least=0)


@inside(SPIKE)
def just_over_25_dollars(one: Customer) -> Truth:
    return _worth(one, one.between(27.5, 30))


@outside(SPIKE)
def just_under_25_dollars(one: Customer) -> Truth:
    return _worth(one, one.between(19, 22.5))


@lookalike(SPIKE)
def a_launch(one: Customer) -> Truth:
    product = one.pick(_able(one) or ["product_analytics"])
    return _jump(one, SPIKE, _since(one, round(one.between(10, 25)), 2.0), product)


@lookalike(SPIKE)
def steady_growth(one: Customer) -> Truth:
    age = np.arange(one.days, 0, -1)
    return _jump(one, SPIKE, 1.25 ** (-age / WINDOW), "product_analytics", least=-1e9)


@lookalike(SPIKE)
def a_day_without_any_usage(one: Customer) -> Truth:
    factor = _days(one, round(one.between(3, 25)), 1, 0.0)
    return _jump(one, SPIKE, factor, "product_analytics", least=-1e9)


@fault(STEP)
def a_launch_that_stays(one: Customer) -> Truth:
    product = one.pick(_able(one) or ["product_analytics"])
    # A fortnight or more at the new level, so that a month at it is far from a month before.
    factor = _since(one, round(one.between(10, 27)), one.between(1.7, 3.5))
    return _jump(one, STEP, factor, product, least=40)


@lookalike(STEP)
def two_wild_days(one: Customer) -> Truth:
    factor = _days(one, round(one.between(8, 24)), 2, one.between(4, 9))
    return _jump(one, STEP, factor, "product_analytics")


@lookalike(STEP)
def a_week_of_holidays(one: Customer) -> Truth:
    factor = _days(one, round(one.between(9, 18)), 6, 0.6)
    return _jump(one, STEP, factor, "product_analytics", least=-1e9)


def _one_day(one: Customer, factor: float, least: float = 8) -> Truth:
    product = one.pick(_able(one) or ["product_analytics"])
    ago = round(one.between(1, 28))
    series = sum(s for (_, c), s in one.daily.items() if c == COUNTERS[product])
    day = one.days - ago
    usual = float(np.median(series[day - 28 : day]))
    shape = _days(one, ago, 1, factor * usual / max(float(series[day]), 1.0))
    return _jump(one, TENFOLD, shape, product, least=least)


@fault(TENFOLD)
def an_attack(one: Customer) -> Truth:
    return _one_day(one, one.between(11, 60))


@inside(TENFOLD)
def just_over_tenfold(one: Customer) -> Truth:
    return _one_day(one, one.between(10.05, 10.5))


@outside(TENFOLD)
def just_under_tenfold(one: Customer) -> Truth:
    return _one_day(one, one.between(9, 9.9))


@lookalike(TENFOLD)
def a_newsletter_day(one: Customer) -> Truth:
    return _one_day(one, one.between(3, 6))


def _this_month(one: Customer, times: float) -> Truth:
    """This month is so many times the mean of the three before."""
    product = one.pick(_able(one) or ["product_analytics"])
    series = sum(s for (_, c), s in one.daily.items() if c == COUNTERS[product])
    months = [
        float(series[one.days - WINDOW * (n + 1) : one.days - WINDOW * n].sum()) for n in range(4)
    ]
    factor = times * sum(months[1:]) / 3 / months[0]
    return _jump(one, REFUNDABLE, _since(one, WINDOW, factor), product, least=5)


@fault(REFUNDABLE)
def unexpected_stardom(one: Customer) -> Truth:
    return _this_month(one, one.between(3.1, 9))


@inside(REFUNDABLE)
def just_over_three_times(one: Customer) -> Truth:
    return _this_month(one, one.between(3.01, 3.05))


@outside(REFUNDABLE)
def just_under_three_times(one: Customer) -> Truth:
    return _this_month(one, one.between(2.9, 2.98))


@lookalike(REFUNDABLE)
def a_good_month(one: Customer) -> Truth:
    return _this_month(one, one.between(1.3, 2.2))
