"""Expected saving and chance of a loss against the commitment, for a chart."""

from dataclasses import dataclass

import numpy as np

from audit.prepaid.choices import Choice, Deal
from audit.prepaid.draw_down import Floats
from audit.prepaid.levers import step_of
from audit.prepaid.money import HALF_A_CENT
from audit.prepaid.orders import Kind, Order, contract_order, self_serve_order

POINTS = 32
#: Up to this quantile of the year's usage, and a little beyond.
TOP_PERCENT = 95
BEYOND = 1.15


@dataclass(frozen=True)
class Point:
    """A commitment (credit charged for, USD at list value) without a top-up."""

    commitment_usd: float
    kind: Kind
    percent: float
    saving_usd: float
    loss_percent: float


def curve(deal: Deal, list_usd: Floats, pay_as_you_go_usd: Floats) -> tuple[Point, ...]:
    """Commitments from the smallest sold to beyond what is likely to be used, with both sides of
    each band's start."""
    top = BEYOND * float(np.percentile(list_usd.sum(axis=1), TOP_PERCENT))
    starts = [step.from_usd for step in deal.offers]
    # The first band that is beyond usage is shown: buying up to it may pay.
    top = max(top, 1.05 * starts[0])
    amounts = set(np.linspace(top / POINTS, top, POINTS).round().tolist())
    amounts |= {float(np.ceil(start)) for start in starts if start <= top}
    amounts |= {float(np.ceil(start)) - 1 for start in starts if start <= top}
    out = []
    for amount in sorted(amounts):
        order = _order(deal, amount)
        if order is not None:
            choice = Choice("point", "", order.kind, order)
            saving = deal.evaluated(choice, list_usd, pay_as_you_go_usd).saving
            loss = float(100 * (saving < -HALF_A_CENT).mean())
            out.append(Point(amount, order.kind, order.percent, float(saving.mean()), loss))
    return tuple(out)


def _order(deal: Deal, amount: float) -> Order | None:
    rules = deal.rules
    if amount >= deal.offers[0].from_usd:
        step = step_of(deal.offers, amount)
        if step.percent is None:
            return None
        return contract_order(rules, deal.terms, deal.assumptions, amount, step)
    barred = deal.self_serve is False or not amount > 0
    if barred or not rules.self_serve_from_usd <= amount < rules.self_serve_below_usd:
        return None
    return self_serve_order(rules, deal.terms, amount)
