"""From an examined account to the ranges of its coming bills and savings."""

import zlib
from collections.abc import Sequence
from datetime import date
from decimal import Decimal

import numpy as np
import numpy.typing as npt

from audit.account import Account
from audit.checks import Effort
from audit.findings.outlook.effectiveness import Effectiveness, priors
from audit.findings.outlook.model import (
    Draws,
    FindingOutlook,
    LineOutlook,
    Outlook,
    Range,
)
from audit.findings.outlook.terms import Priced, Remedied, Terms
from audit.findings.outlook.usage import SEED, Units, units_ahead
from audit.findings.pricing import usd
from audit.findings.savings import shared_out

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]

#: Enough for the ends of a 95% range; a plan takes more.
DRAWS = 2_000

CENT = Decimal("0.01")
PERCENTILES = (50, 10, 90, 2.5, 97.5)


def outlook(terms: Terms, account: Account, as_of: date, *, draws: int = DRAWS) -> Outlook:
    """The running billing period and the twelve after it.

    Raises: InputError when usage cannot be forecast, saying why.
    """
    found = units_ahead(terms, account, as_of, draws)
    starts = [period.start for period in found.periods]
    running = Priced(terms, found.units[:, :1], starts[:1], first_limited_anew=1)
    coming = Priced(terms, found.units[:, 1:], starts[1:])
    lines = range(len(terms.meters))
    now = {line: running.held(line) for line in lines}
    listed_now = _summed(now, (draws, 1))
    bill_now = running.payable(listed_now)
    fixing = Fixing(coming, came_true_draws(terms, draws))
    bill = np.concatenate([bill_now, fixing.bill], axis=1)
    credit = account.organization["credit_balance_usd"]
    paid = after_credit(bill, Decimal(0) if credit is None else credit)
    simulated = Draws(
        units=found.units,
        bill=bill,
        fixed=np.concatenate([bill_now, fixing.fixed], axis=1),
        listed=np.concatenate([listed_now, fixing.listed], axis=1),
        listed_fixed=np.concatenate([listed_now, fixing.listed_fixed], axis=1),
        paid=paid,
    )
    discount, named = _running_lines(terms, found, now, bill_now)
    return Outlook(
        periods=found.periods,
        draws=draws,
        history_days=found.history_days,
        lines=named,
        running=ranged(bill_now[:, 0]),
        running_discount=discount,
        bills=tuple(ranged(column) for column in bill.T),
        fixed_bills=tuple(ranged(column) for column in simulated.fixed.T),
        year=ranged(bill[:, 1:].sum(axis=1)),
        year_fixed=ranged(simulated.fixed[:, 1:].sum(axis=1)),
        year_paid=ranged(paid[:, 1:].sum(axis=1)),
        next_saving=ranged(fixing.joint[:, 0]),
        year_saving=ranged(fixing.joint.sum(axis=1)),
        findings=_by_finding(terms, fixing),
        notes=found.notes,
        simulated=simulated,
    )


def came_true_draws(terms: Terms, draws: int) -> dict[str, Floats]:
    """(draws,) by remedy: the share of its cut that comes true. A remedy draws the same whatever
    others there are."""
    found: dict[str, Floats] = {}
    for fix in terms.fixes:
        if fix.part.remedy not in found:
            name = zlib.crc32(fix.part.remedy.encode())
            generator = np.random.Generator(np.random.PCG64([SEED, name]))
            found[fix.part.remedy] = prior_of(fix.effort).draws(draws, generator)
    return found


def prior_of(effort: Effort) -> Effectiveness:
    """The declared prior of what a remedy of this effort achieves."""
    return priors()[effort]


class Fixing:
    """Bills of the coming periods with fixes done in their order; cents, (draws, periods).

    ``on_top`` and ``alone``: what each fix saves after those before it, and by itself. ``joint``:
    all of them; on every path it is the sum of ``on_top``. ``listed``, ``listed_fixed``: the lines
    together, held to their limits, before discounts.
    """

    def __init__(self, priced: Priced, came_true: dict[str, Floats]) -> None:
        remedied = Remedied(priced, came_true)
        shape = (priced.draws, priced.periods)
        before = {line: priced.held(line) for line in range(len(priced.terms.meters))}
        self.listed = _summed(before, shape)
        self.bill = priced.payable(self.listed)
        self.alone = [
            self.bill - priced.payable(self.listed + _change(remedied, before, [number]))
            for number in range(len(remedied.fixes))
        ]
        self.on_top: list[Integers] = []
        done: list[int] = []
        paid, cents, subtotal = self.bill, dict(before), self.listed.copy()
        for number in range(len(remedied.fixes)):
            done.append(number)
            for line in remedied.lines_of(number):
                subtotal -= cents[line]
                cents[line] = remedied.held(line, done)
                subtotal += cents[line]
            after = priced.payable(subtotal)
            self.on_top.append(paid - after)
            paid = after
        self.fixed = paid
        self.joint = self.bill - paid
        self.listed_fixed = subtotal


def _change(remedied: Remedied, before: dict[int, Integers], done: list[int]) -> Integers:
    change = np.zeros_like(next(iter(before.values()))) if before else np.zeros((0, 0), np.int64)
    for line in remedied.lines_of(done[-1]):
        change = change + remedied.held(line, done) - before[line]
    return change


def _summed(cents: dict[int, Integers], shape: tuple[int, int]) -> Integers:
    total = np.zeros(shape, dtype=np.int64)
    for one in cents.values():
        total += one
    return total


def after_credit(bill: Integers, credit: Decimal) -> Integers:
    """(draws, periods) cents left to pay of bills in their order, once the credit is used up."""
    available = int(credit * 100)
    due = np.cumsum(bill, axis=1)
    used = np.minimum(due, max(0, available))
    return bill - np.diff(used, axis=1, prepend=0)


def ranged(cents: Integers) -> Range:
    """Mean and percentiles of outcomes in cents."""
    mean = Decimal(int(cents.sum())) / (100 * len(cents))
    values = [Decimal(float(value)) / 100 for value in np.percentile(cents, PERCENTILES)]
    return Range(*(value.quantize(CENT, "ROUND_HALF_UP") for value in (mean, *values)))


def of_units(units: Integers) -> Range:
    """The same of whole units."""
    mean = Decimal(int(units.sum())) / len(units)
    values = [Decimal(float(value)) for value in np.percentile(units, PERCENTILES)]
    return Range(*(value.quantize(Decimal(1), "ROUND_HALF_UP") for value in (mean, *values)))


def with_means(ranges: Sequence[Range], columns: Sequence[Integers], total: Range) -> list[Range]:
    """Ranges whose means add up to the cent to the mean of ``total``."""
    exact = [float(column.mean()) for column in columns]
    means = shared_out(exact, int(total.mean * 100))
    return [
        Range(usd(mean), one.p50, one.p10, one.p90, one.p025, one.p975)
        for one, mean in zip(ranges, means, strict=True)
    ]


def _by_finding(terms: Terms, fixing: Fixing) -> dict[str, FindingOutlook]:
    first = [one[:, 0] for one in fixing.on_top]
    year = [one.sum(axis=1) for one in fixing.on_top]
    next_on_top = with_means([ranged(c) for c in first], first, ranged(fixing.joint[:, 0]))
    year_on_top = with_means([ranged(c) for c in year], year, ranged(fixing.joint.sum(axis=1)))
    return {
        fix.finding_id: FindingOutlook(
            next_on_top=next_on_top[number],
            year_on_top=year_on_top[number],
            next_alone=ranged(fixing.alone[number][:, 0]),
            year_alone=ranged(fixing.alone[number].sum(axis=1)),
            came_true=prior_of(fix.effort).mean,
        )
        for number, fix in enumerate(terms.fixes)
    }


def _running_lines(
    terms: Terms, found: Units, cents: dict[int, Integers], bill: Integers
) -> tuple[Decimal, tuple[LineOutlook, ...]]:
    """The discount of the running period and its lines, whose means add up to the bill's."""
    shown = [
        line
        for line in cents
        if found.units[:, 0, line].any() or terms.month[line] or found.counted[line]
    ]
    columns = [cents[line][:, 0] for line in shown]
    subtotal = ranged(np.sum(columns, axis=0)) if columns else ranged(np.zeros(1, np.int64))
    amounts = with_means([ranged(column) for column in columns], columns, subtotal)
    lines = []
    for line, amount in zip(shown, amounts, strict=True):
        units = of_units(found.units[:, 0, line])
        lines.append(
            LineOutlook(
                product=terms.meters[line],
                counted=int(found.counted[line]),
                units=units,
                amount=amount,
                method=found.methods[line],
                note=found.said.get(line, ""),
                if_it_passes=int(units.p50) if line in found.stays else None,
                if_it_stays=found.stays.get(line),
            )
        )
    return subtotal.mean - ranged(bill[:, 0]).mean, tuple(lines)
