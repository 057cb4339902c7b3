"""An order of credit: what is bought, what it costs, and how much of it is best in a band.

Credit is USD at list value. With free months after the startup programme, an order brings more
credit than it is charged for; its band is that of the credit charged.
"""

from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from audit.errors import InputError
from audit.prepaid.draw_down import MONTHS, Floats
from audit.prepaid.levers import (
    Stack,
    Step,
    Terms,
    self_serve,
    self_serve_price,
    startup_bonus_share,
)
from audit.prepaid.money import Assumptions
from audit.prepaid.rules import Rules

#: Halvings of a band; far below a dollar in any.
STEPS = 45


class Kind(StrEnum):
    """How usage is paid for."""

    MONTHLY = "monthly"
    SELF_SERVE = "self_serve"
    CONTRACT = "contract"
    WAIT = "wait"


@dataclass(frozen=True)
class Order:
    """``purchase_usd``: credit charged for; ``credit_usd``: credit there is to use; ``price_usd``:
    what is paid for a year of it; ``worth_usd``: that, worth of the first day."""

    kind: Kind
    purchase_usd: float
    credit_usd: float
    price_usd: float
    worth_usd: float
    stack: Stack

    @property
    def percent(self) -> float:
        """The counted discount."""
        return self.stack.counted_percent or 0.0

    @property
    def price_share(self) -> float:
        """Paid per dollar of credit there is to use."""
        return self.price_usd / self.credit_usd


def contract_order(
    rules: Rules, terms: Terms, assumptions: Assumptions, purchase_usd: float, step: Step
) -> Order:
    """An order form in a band. Raises: InputError where Sales must name the percent."""
    if step.percent is None:
        raise InputError(f"${purchase_usd:,.0f} of credit: {step.stack.in_words}.")
    price = purchase_usd * (1 - step.percent / 100)
    return Order(
        Kind.CONTRACT,
        purchase_usd,
        purchase_usd * (1 + startup_bonus_share(rules, terms)),
        price,
        price * (1 + _early_share(terms, assumptions)),
        step.stack,
    )


def self_serve_order(rules: Rules, terms: Terms, purchase_usd: float) -> Order:
    """Credit bought without Sales, released month by month and paid at once.

    Raises: InputError for an amount that is not sold so.
    """
    low, high = rules.self_serve_from_usd, rules.self_serve_below_usd
    if not (low <= purchase_usd < high and purchase_usd > 0):
        raise InputError(
            f"Self-serve credit of ${purchase_usd:,.0f} is not sold: it is at least ${low:,.0f} "
            f"and less than ${high:,.0f}."
        )
    stack = self_serve(rules, terms)
    price = self_serve_price(purchase_usd, stack.counted_percent or 0.0)
    return Order(Kind.SELF_SERVE, purchase_usd, purchase_usd, price, price, stack)


def _early_share(terms: Terms, assumptions: Assumptions) -> float:
    """What paying all years at the start costs a year, as a share of a year's price."""
    if not terms.paid_upfront:
        return 0.0
    worth = sum(assumptions.worth(MONTHS * year) for year in range(terms.years))
    return (terms.years - worth) / terms.years


def quantile_order(
    rules: Rules, terms: Terms, assumptions: Assumptions, list_usd: Floats, step: Step
) -> Order | None:
    """The order inside a band that saves most, in whole dollars; None where that is not inside it,
    but at its start or beyond its end, where the next band's start saves more.

    Without a discount rate the credit C is where P(usage < C) = d / (1 - s): d the discount, s
    what a dollar of unused credit is worth at renewal.
    """
    least = contract_order(rules, terms, assumptions, step.from_usd, step)
    bonus = least.credit_usd / least.purchase_usd
    usage = list_usd.cumsum(axis=1)
    low = least.credit_usd
    top = float(usage[:, -1].max()) + 1
    high = top if step.below_usd is None else min(top, step.below_usd * bonus)
    marginal = _Marginal(rules, assumptions, usage, least)
    if high <= low or marginal.at(low) <= 0 or marginal.at(high) >= 0:
        return None
    for _ in range(STEPS):
        middle = (low + high) / 2
        low, high = (middle, high) if marginal.at(middle) > 0 else (low, middle)
    purchase = float(round(low / bonus))
    if purchase <= step.from_usd or (step.below_usd is not None and purchase >= step.below_usd):
        return None
    return contract_order(rules, terms, assumptions, purchase, step)


@dataclass(frozen=True)
class _Marginal:
    """Expected saving of one more dollar of credit."""

    rules: Rules
    assumptions: Assumptions
    usage: Floats
    least: Order

    def at(self, credit_usd: float) -> float:
        month = (self.usage <= credit_usd).sum(axis=1)
        worth = np.append(self.assumptions.month_ends, 0.0)[month]
        unused = month == MONTHS
        kept = self._kept_share(credit_usd) * self.least.price_share
        worth[unused] = kept[unused] * self.assumptions.worth(MONTHS)
        return float(worth.mean()) - self.least.worth_usd / self.least.credit_usd

    def _kept_share(self, credit_usd: float) -> Floats:
        """Part of one more unused dollar that a renewal keeps, times the chance of one."""
        share = self.rules.rollover_percent / 100
        out = np.full(len(self.usage), share)
        if self.assumptions.reading(self.rules) == "original":
            out[credit_usd - self.usage[:, -1] < share * credit_usd] = 1.0
        return out * self.assumptions.renewal_percent / 100
