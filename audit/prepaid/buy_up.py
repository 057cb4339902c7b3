"""Buying up: where the least credit of a higher band costs no more than the usage at the lower one.

Usage here is certain: USD of a year at list value. What is uncertain is for ``audit.prepaid.plan``.

Source: PostHog handbook, growth/sales/contract-rules (the bands); the arithmetic is ours.
"""

from dataclasses import dataclass

from audit.prepaid.levers import ONE_YEAR, Stack, Step, Terms, self_serve, self_serve_price, steps
from audit.prepaid.rules import Rules

PAY_AS_YOU_GO = "pay as you go"
SELF_SERVE = "self-serve credit"
CONTRACT = "annual plan"


@dataclass(frozen=True)
class BreakEven:
    """From ``usage_usd`` of list usage a year on, ``to_percent`` with the least credit of its band
    costs no more than ``from_percent`` on the usage alone."""

    from_percent: float
    to_percent: float
    credit_usd: float
    usage_usd: float


@dataclass(frozen=True)
class Purchase:
    """What is bought for a certain usage: credit at list value, what it costs, and the rest."""

    how: str
    credit_usd: float
    cash_usd: float
    unused_usd: float
    stack: Stack | None


def break_evens(rules: Rules, terms: Terms = ONE_YEAR) -> tuple[BreakEven, ...]:
    """Every step up: from self-serve to the first band, then band by band.

    Where (1 - low) * usage = (1 - high) * least credit of the high band.
    """
    out = []
    low = self_serve(rules, terms).counted_percent
    for step in steps(rules, terms):
        high = step.percent
        if low is not None and high is not None and high > low:
            usage = step.from_usd * (100 - high) / (100 - low)
            out.append(BreakEven(low, high, step.from_usd, usage))
        low = high
    return tuple(out)


def purchases(
    rules: Rules,
    usage_usd: float,
    terms: Terms = ONE_YEAR,
    *,
    with_self_serve: bool = True,
) -> tuple[Purchase, ...]:
    """Every way to pay for a year of ``usage_usd`` at list value, cheapest first: by the month,
    self-serve credit, and max(usage, least credit) in each band that has a number."""
    out = [Purchase(PAY_AS_YOU_GO, 0.0, usage_usd, 0.0, None)]
    without_sales = self_serve(rules, terms)
    if with_self_serve and rules.self_serve_from_usd <= usage_usd < rules.self_serve_below_usd:
        out.append(_purchase(SELF_SERVE, usage_usd, usage_usd, without_sales))
    for step in steps(rules, terms):
        credit = max(usage_usd, step.from_usd)
        if step.percent is not None and _in(step, credit):
            out.append(_purchase(CONTRACT, credit, usage_usd, step.stack))
    return tuple(sorted(out, key=lambda one: (one.cash_usd, one.credit_usd)))


def cheapest(
    rules: Rules,
    usage_usd: float,
    terms: Terms = ONE_YEAR,
    *,
    with_self_serve: bool = True,
) -> Purchase:
    """The purchase that costs least cash; of two that cost the same, the one with less credit."""
    return purchases(rules, usage_usd, terms, with_self_serve=with_self_serve)[0]


def needs_sales(rules: Rules, usage_usd: float, terms: Terms = ONE_YEAR) -> bool:
    """Whether a year of that usage falls into a band whose discount no page gives."""
    return any(step.percent is None and _in(step, usage_usd) for step in steps(rules, terms))


def _in(step: Step, credit_usd: float) -> bool:
    return step.from_usd <= credit_usd and (step.below_usd is None or credit_usd < step.below_usd)


def _purchase(how: str, credit: float, usage: float, discount: Stack) -> Purchase:
    percent = discount.counted_percent or 0.0
    cash = credit * (100 - percent) / 100
    if how == SELF_SERVE:
        cash = self_serve_price(credit, percent)
    return Purchase(how, credit, cash, max(0.0, credit - usage), discount)
