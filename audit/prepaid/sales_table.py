"""Floor, base and bull in one table, as Sales uses it, and the same after the fixes.

Floor is the current month times 12; base the trend of the last five invoices carried on for
twelve months; bull the floor grown by the year-on-year growth. Each row takes its usage as certain
and buys what costs least. A row whose data is missing says so.

Source: PostHog/skills, customer-success/monthly-to-annual (the three scenarios, one table, the
lever stack in one line). The last rows are ours.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

import numpy as np

from audit.errors import InputError
from audit.prepaid.buy_up import Purchase, cheapest, needs_sales
from audit.prepaid.choices import Deal
from audit.prepaid.decide import cents
from audit.prepaid.draw_down import MONTHS

SLOPE_INVOICES = 5
MOST_INVOICES = 24


@dataclass(frozen=True)
class Invoice:
    """The bill of one month, actual, USD before credit."""

    period_end: date
    usd: float

    @property
    def month(self) -> int:
        """Months since year 0, to tell how far two invoices are apart."""
        return 12 * self.period_end.year + self.period_end.month


@dataclass(frozen=True)
class SalesRow:
    """One scenario. USD of twelve months, estimates. ``basis``: how its usage was told, or what is
    missing for it; the money is then None. ``levers``: the stack in one line."""

    name: str
    title: str
    basis: str
    pay_as_you_go: Decimal | None = None
    how: str = ""
    credit: Decimal | None = None
    cash: Decimal | None = None
    saving: Decimal | None = None
    unused: Decimal | None = None
    levers: str = ""


def sales_table(
    deal: Deal,
    *,
    invoices: Sequence[Invoice] = (),
    current_month_usd: float | None = None,
    fixed_month_usd: float | None = None,
) -> tuple[SalesRow, ...]:
    """The rows, for monthly ``invoices`` in any order (the newest 24 count).

    ``current_month_usd``: what a month costs now where no invoice tells; ``fixed_month_usd``: after
    the fixes. Raises: InputError for an invoice or amount that is no finite sum, or for two
    invoices of one month.
    """
    known = _checked(invoices)
    for amount in (current_month_usd, fixed_month_usd):
        if amount is not None and not (np.isfinite(amount) and amount >= 0):
            raise InputError(f"A month of {amount} USD is none: give 0 or more.")
    current, told = _current(known, current_month_usd)
    rows = [_row(deal, "floor", "Floor", *_floor(current, told))]
    rows.append(_row(deal, "base", "Base", *_base(known)))
    rows.append(_row(deal, "bull", "Bull", *_bull(known, current)))
    if deal.assumptions.growth_percent is not None:
        growth = deal.assumptions.growth_percent
        usage = None if current is None else MONTHS * current * (1 + growth / 100)
        words = f"the floor and {growth:+g}%, as asked" if current is not None else told
        rows.append(_row(deal, "growth", "Own growth", usage, words))
    fixed = None if fixed_month_usd is None else MONTHS * fixed_month_usd
    words = (
        "a month after the fixes as they are expected to work, times 12"
        if fixed is not None
        else "no fixes are priced"
    )
    rows.append(_row(deal, "post_fix_floor", "Floor after the fixes", fixed, words))
    shrink = deal.assumptions.shrink_percent
    shrunk = None if fixed is None else fixed * (1 - shrink / 100)
    said = f"that, and {shrink:g}% less (assumed)" if fixed is not None else "no fixes are priced"
    rows.append(_row(deal, "shrink", "Shrink", shrunk, said))
    return tuple(rows)


def _checked(invoices: Sequence[Invoice]) -> list[Invoice]:
    known = sorted(invoices, key=lambda one: one.period_end)[-MOST_INVOICES:]
    for one in known:
        if not np.isfinite(one.usd):
            raise InputError(f"The invoice to {one.period_end} is {one.usd} USD: give the sum.")
    months = [one.month for one in known]
    if len(set(months)) != len(months):
        twice = next(month for month in months if months.count(month) > 1)
        named = ", ".join(str(one.period_end) for one in known if one.month == twice)
        raise InputError(f"Two invoices end in one month ({named}): add them up first.")
    return known


def _current(known: list[Invoice], given: float | None) -> tuple[float | None, str]:
    if given is not None:
        return given, "the current month, times 12"
    if known:
        return max(0.0, known[-1].usd), f"the invoice to {known[-1].period_end}, times 12"
    return None, "no invoice is known"


def _floor(current: float | None, told: str) -> tuple[float | None, str]:
    return (None if current is None else MONTHS * current), told


def _base(known: list[Invoice]) -> tuple[float | None, str]:
    last = known[-SLOPE_INVOICES:]
    if len(last) < SLOPE_INVOICES:
        return None, f"needs {SLOPE_INVOICES} invoices, {len(last)} known"
    month = np.array([float(one.month - last[-1].month) for one in last])
    bill = np.array([one.usd for one in last])
    centred = month - month.mean()
    slope = float(centred @ bill / (centred @ centred))
    ahead = bill.mean() + slope * (np.arange(1, MONTHS + 1) - month.mean())
    usage = float(np.maximum(0.0, ahead).sum())
    sign = "-" if slope < 0 else "+"
    return usage, f"trend of the last five invoices ({sign}${abs(slope):,.0f} a month) carried on"


def _bull(known: list[Invoice], current: float | None) -> tuple[float | None, str]:
    bills = {one.month: one.usd for one in known}
    if not bills or current is None:
        return None, "no invoice is known"
    newest = max(bills)
    years = [[bills.get(newest - 12 * back - m) for m in range(MONTHS)] for back in (0, 1)]
    whole = [sum(one for one in year if one is not None) for year in years]
    if all(None not in year for year in years) and whole[1] > 0:
        growth, told = whole[0] / whole[1] - 1, "the last twelve invoices over the twelve before"
    elif bills.get(newest - MONTHS, 0.0) > 0:
        growth, told = bills[newest] / bills[newest - MONTHS] - 1, "over the month a year before"
    else:
        return None, "no invoice of a year before is known, or it was 0"
    return MONTHS * current * max(0.0, 1 + growth), f"the floor and {100 * growth:+.0f}%: {told}"


def _row(deal: Deal, name: str, title: str, usage: float | None, basis: str) -> SalesRow:
    if usage is None:
        return SalesRow(name, title, basis)
    with_self_serve = deal.self_serve is not False
    if needs_sales(deal.rules, usage, deal.terms):
        return SalesRow(
            name, title, basis, cents(usage), levers="Sales confirms the discount: it is custom."
        )
    best = cheapest(deal.rules, usage, deal.terms, with_self_serve=with_self_serve)
    return SalesRow(
        name,
        title,
        basis,
        pay_as_you_go=cents(usage),
        how=best.how,
        credit=cents(best.credit_usd),
        cash=cents(best.cash_usd),
        saving=cents(usage) - cents(best.cash_usd),
        unused=cents(best.unused_usd),
        levers=_levers(best),
    )


def _levers(best: Purchase) -> str:
    return "no discount by the month" if best.stack is None else best.stack.in_words
