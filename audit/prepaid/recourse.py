"""What can still be decided within the year: one top-up, or committing three months later.

Both see the draw's own first months only (``audit.prepaid.conditional``) and then buy what those
months make best. Months to come are priced as they turn out.

Source: PostHog handbook, growth/sales/contract-rules (more credit at the original discount in the
first half of the term; an expansion that reaches a higher band takes that band, and nothing is
given back on the first order; length counts for the first order only).
"""

from dataclasses import dataclass

import numpy as np

from audit.prepaid.conditional import Indices, Remainder
from audit.prepaid.draw_down import MONTHS, Floats, draw_down
from audit.prepaid.levers import Step
from audit.prepaid.money import Assumptions, Paid, paid
from audit.prepaid.rules import Rules

WAIT_MONTHS = 3


@dataclass(frozen=True)
class Expansion:
    """Credit on top: from ``from_usd`` to under ``below_usd`` at ``percent`` of the list value."""

    from_usd: float
    below_usd: float
    percent: float


def expansions(offers: tuple[Step, ...], percent: float) -> tuple[Expansion, ...]:
    """Any amount at the original discount, and each band whose own discount is higher.

    ``offers``: of an order without points for length.
    """
    higher = [
        Expansion(one.from_usd, one.below_usd or np.inf, one.percent)
        for one in offers
        if one.percent is not None and one.percent > percent
    ]
    return (Expansion(0.0, np.inf, percent), *higher)


def best_purchase(
    remainder: Remainder,
    draws: Indices,
    choices: tuple[Expansion, ...],
    left_usd: Floats | float,
    share_of_year: float = 1.0,
) -> tuple[Floats, Floats]:
    """What to buy for the rest of each draw, on top of the credit left: credit and its percent.

    In each choice the credit is the critical fractile of the rest, held to the band; the choice
    with the highest expected saving wins, and nothing is bought where none saves.
    ``share_of_year``: part of a year's order that the rest uses, for bands that start at a year.
    """
    without = remainder.shortfall(np.zeros(len(draws)) + left_usd, draws)
    best, credit, percent = (np.zeros(len(draws)) for _ in range(3))
    for choice in choices:
        low, high = choice.from_usd * share_of_year, choice.below_usd * share_of_year
        wanted = remainder.quantile(choice.percent / 100, draws) - left_usd
        bought = np.clip(wanted, low, np.nextafter(high, 0.0))
        gain = choice.percent / 100 * bought
        gain = gain - (remainder.shortfall(left_usd + bought, draws) - without)
        better = (gain > best) & (bought > 0)
        best = np.where(better, gain, best)
        credit = np.where(better, bought, credit)
        percent = np.where(better, choice.percent, percent)
    return credit, percent


@dataclass(frozen=True)
class ToppedUp:
    """A plan with one top-up. ``bought_usd``: credit on top, one per draw, 0 where none."""

    paid: Paid
    bought_usd: Floats


def topped_up(
    rules: Rules,
    assumptions: Assumptions,
    list_usd: Floats,
    pay_as_you_go_usd: Floats,
    *,
    credit_usd: float,
    price_usd: float,
    worth_of_price: float,
    choices: tuple[Expansion, ...],
) -> ToppedUp:
    """The plan, topped up at most once: at the end of the first half of the term, or before that
    at the end of the month after which the credit would not cover another month like it."""
    last = int(MONTHS * rules.top_up_percent / 100)
    seen = list_usd.cumsum(axis=1)
    undecided = np.ones(len(list_usd), dtype=bool)
    applied = np.zeros_like(list_usd)
    applied[:, 0] = credit_usd
    price = np.zeros(len(list_usd))
    worth = np.zeros(len(list_usd))
    for month in range(last):
        left = np.maximum(0.0, credit_usd - seen[:, month])
        due = undecided & ((month == last - 1) | (left < list_usd[:, month]))
        undecided &= ~due
        draws = np.flatnonzero(due)
        if not len(draws):
            continue
        remainder = Remainder(seen[:, month], seen[:, -1] - seen[:, month])
        credit, percent = best_purchase(remainder, draws, choices, left[draws])
        applied[draws, month + 1] = credit
        price[draws] = credit * (1 - percent / 100)
        worth[draws] = price[draws] * assumptions.worth(month + 1)
    drawn = draw_down(list_usd, applied, MONTHS)
    bought = applied[:, 1:].sum(axis=1)
    done = paid(
        rules,
        assumptions,
        pay_as_you_go_usd,
        drawn,
        price_usd + price,
        price_share=(price_usd + price) / (credit_usd + bought),
        worth_of_price=worth_of_price + worth,
    )
    return ToppedUp(done, bought)


@dataclass(frozen=True)
class Waited:
    """Paying by the month first. ``committed_share``: of the draws that then buy credit;
    ``credit_usd``: for a year, one per draw, 0 where none is bought."""

    paid: Paid
    committed_share: float
    credit_usd: Floats


def wait(
    rules: Rules,
    assumptions: Assumptions,
    list_usd: Floats,
    pay_as_you_go_usd: Floats,
    *,
    contract: tuple[Expansion, ...],
    self_serve: Expansion | None,
) -> Waited:
    """Three months by the month, then the best order for what is known by then.

    Compared on the same twelve months: of the year's order that starts in the fourth month, nine
    twelfths are bought, paid, used and lost within them. Its band is the whole order's.
    """
    rest_months = MONTHS - WAIT_MONTHS
    share = rest_months / MONTHS
    seen = list_usd[:, :WAIT_MONTHS].sum(axis=1)
    remainder = Remainder(seen, list_usd[:, WAIT_MONTHS:].sum(axis=1))
    everyone = np.arange(len(list_usd))
    choices = (*([self_serve] if self_serve else []), *contract)
    credit, percent = best_purchase(remainder, everyone, choices, 0.0, share)
    by_drip = np.zeros(len(list_usd), dtype=bool)
    if self_serve is not None:
        by_drip = (credit > 0) & (percent == self_serve.percent)
        by_drip &= credit < share * self_serve.below_usd
    later = list_usd[:, WAIT_MONTHS:]
    applied = np.zeros_like(later)
    applied[:, 0] = np.where(by_drip, 0.0, credit)
    applied += np.where(by_drip, credit, 0.0)[:, None] / rest_months
    drawn = draw_down(later, applied, MONTHS)
    price = credit * (1 - percent / 100)
    done = paid(
        rules,
        assumptions,
        pay_as_you_go_usd[:, WAIT_MONTHS:],
        drawn,
        price,
        price_share=1 - percent / 100,
        worth_of_price=price * assumptions.worth(WAIT_MONTHS),
        months=slice(WAIT_MONTHS, MONTHS),
        rolls=False,
    )
    first = pay_as_you_go_usd[:, :WAIT_MONTHS].sum(axis=1)
    whole = Paid(done.saving, first + done.cash, done.unused, done.overage)
    return Waited(whole, float((credit > 0).mean()), credit / share)
