"""Scenarios side by side, on the same simulated fortunes, each against the first of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

import numpy as np
import numpy.typing as npt

from audit.checks import load_checks
from audit.errors import InputError
from audit.findings.model import Audit
from audit.findings.outlook.ahead import ranged
from audit.findings.outlook.model import Outlook, Period, Range
from audit.findings.pricing import usd
from audit.policy import DEFAULT_POLICY, load_policy
from audit.prepaid.draw_down import drip, upfront
from audit.prepaid.levers import Terms as Levers
from audit.prepaid.levers import step_of, steps
from audit.prepaid.money import Assumptions
from audit.prepaid.orders import Kind, Order, contract_order, self_serve_order
from audit.prepaid.rules import Rules, rules_of
from audit.scenarios.apply import Bills, bills
from audit.scenarios.changes import MONTHS, Change, Fixes, Plan, Scenario

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]

#: What every comparison begins with.
AS_IT_IS = Scenario("As it is")
ALL_FIXED = Scenario("All fixes", (Fixes(),))


@dataclass(frozen=True)
class Outcome:
    """One scenario; all money an estimate of the twelve billing periods after the running one.

    ``next_bill``, ``year_bill``, ``bills``: after discounts and limits, before credit.
    ``year_to_pay``: with the scenario's annual plan, the same as ``year_bill`` without one.
    ``next_saving``, ``year_saving``: to pay less than in the first scenario; negative is more.
    ``chance_of_more_percent``: how often the year costs more than in the first scenario.
    ``by_product``: mean of the twelve months, before discounts.
    """

    scenario: Scenario
    next_bill: Range
    year_bill: Range
    year_to_pay: Range
    next_saving: Range
    year_saving: Range
    chance_of_more_percent: float
    bills: tuple[Range, ...]
    by_product: tuple[tuple[str, Decimal], ...]
    notes: tuple[str, ...]
    confirm: tuple[str, ...]


@dataclass(frozen=True)
class Comparison:
    """Outcomes in the order asked for; the first is what the others are held against."""

    periods: tuple[Period, ...]
    draws: int
    policy: str
    outcomes: tuple[Outcome, ...]


def compare(
    audit: Audit,
    wanted: Sequence[Scenario] = (),
    *,
    ahead: Outlook | None = None,
    with_standard: bool = True,
    kept: dict[tuple[Change, ...], Bills] | None = None,
) -> Comparison:
    """Price scenarios jointly. Before those ``wanted`` stand the account as it is and, where there
    is anything to fix, with all open findings fixed (``with_standard``). ``ahead``: other paths
    than the audit's own. ``kept``: bills of this audit and these paths by their changes; what is
    not in it is priced and put there, so that one scenario can change while the others stand.

    Raises: InputError where nothing can be said of the coming periods, and for a scenario that the
    account cannot have.
    """
    look = ahead or audit.outlook
    if look is None or audit.terms is None:
        raise InputError(f"No scenario can be priced: {audit.forecast.reason}")
    standard = [AS_IT_IS, *([ALL_FIXED] if audit.terms.fixes else [])] if with_standard else []
    every = [*standard, *(one for one in wanted if one not in standard)]
    names = [one.name for one in every]
    for name in names:
        if names.count(name) > 1:
            raise InputError(f"Two scenarios are called {name!r}: give one of them another name.")
    if not every:
        raise InputError("No scenario to compare. Name one, or keep the standard ones.")
    policy = str(audit.arguments.get("policy") or DEFAULT_POLICY)
    rules = rules_of(load_policy(policy, load_checks()))
    found: list[Outcome] = []
    kept = {} if kept is None else kept
    first: Floats | None = None
    for scenario in every:
        if scenario.changes not in kept:
            kept[scenario.changes] = bills(audit, look, scenario)
        priced = kept[scenario.changes]
        to_pay, notes, confirm = _to_pay(priced, scenario, rules)
        first = to_pay if first is None else first
        found.append(_outcome(scenario, priced, to_pay, first, notes, confirm))
    return Comparison(look.periods[1:], look.draws, audit.policy, tuple(found))


def _outcome(
    scenario: Scenario,
    priced: Bills,
    to_pay: Floats,
    first: Floats,
    notes: Sequence[str],
    confirm: Sequence[str],
) -> Outcome:
    year, before = to_pay.sum(axis=1), first.sum(axis=1)
    return Outcome(
        scenario=scenario,
        next_bill=ranged(priced.bill[:, 0]),
        year_bill=ranged(priced.bill.sum(axis=1)),
        year_to_pay=ranged(_cents(year)),
        next_saving=ranged(_cents(first[:, 0] - to_pay[:, 0])),
        year_saving=ranged(_cents(before - year)),
        chance_of_more_percent=100 * float((_cents(year) > _cents(before)).mean()),
        bills=tuple(ranged(column) for column in priced.bill.T),
        by_product=tuple(
            (product, usd(int(np.floor(cents + 0.5))))
            for product, cents in sorted(priced.by_line.items(), key=lambda one: -one[1])
        ),
        notes=(*priced.notes, *notes),
        confirm=tuple(confirm),
    )


def _cents(amount: Floats) -> Integers:
    return np.floor(amount + 0.5).astype(np.int64)


def _to_pay(
    priced: Bills, scenario: Scenario, rules: Rules
) -> tuple[Floats, tuple[str, ...], tuple[str, ...]]:
    """(draws, 12) cents to pay, the order's price in the month it is paid, and what to say of it.

    Usage beyond the credit is billed at the list, as on the plan's own page. Of a plan that begins
    later only the months that are left are counted: so many twelfths of the
    order, of its price and of its credit. So every scenario covers the same twelve months.
    """
    bill = priced.bill.astype(np.float64)
    plans = [change for change in scenario.changes if isinstance(change, Plan)]
    if not plans:
        return bill, (), ()
    plan = plans[0]
    begun = plan.from_month - 1
    left = MONTHS - begun
    order = _order(plan, rules)
    share = left / MONTHS
    usage = priced.listed[:, begun:] / 100.0
    drawn = (
        drip(usage, order.credit_usd, rules.drip_months, rules.tranche_months)
        if order.kind is Kind.SELF_SERVE
        else upfront(usage, order.credit_usd * share)
    )
    found = bill.copy()
    found[:, begun:] = drawn.overage * 100
    found[:, begun] += order.price_usd * share * 100
    unused = float(drawn.unused.mean())
    # Credit of later months, and what self-serve credit was released of late, is valid longer.
    is_lost = left == MONTHS and order.kind is not Kind.SELF_SERVE
    of_it = "goes unused and is lost" if is_lost else "is not used in them"
    notes = [
        f"{order.stack.in_words}; {_usd(order.purchase_usd)} of credit for "
        f"{_usd(order.price_usd)} a year, of which {left} of 12 months are counted; on average "
        f"{_usd(unused)} of it {of_it}."
    ]
    return found, tuple(notes), tuple(order.stack.confirm)


def _order(plan: Plan, rules: Rules) -> Order:
    levers = Levers(years=plan.years)
    offers = steps(rules, levers)
    small = plan.commitment_usd < offers[0].from_usd
    if plan.self_serve or (plan.self_serve is None and small):
        return self_serve_order(rules, levers, plan.commitment_usd)
    step = step_of(offers, plan.commitment_usd)
    return contract_order(rules, levers, Assumptions(), plan.commitment_usd, step)


def _usd(amount: float) -> str:
    return f"${amount:,.2f}"
