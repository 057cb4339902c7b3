"""What the incident cost above a usual month: price(baseline + overage) - price(baseline).

Per product and per bill, through the tiers, on the account's own terms; never the price of the
overage alone, which would grant the free allowance a second time. Whole metered units, USD in
exact cents, all estimates but what the vendor billed.

Source: PostHog handbook, growth/sales/refunds (how to calculate overage amount).
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Literal

from audit.account import Account
from audit.errors import InputError, PriceError
from audit.pricing import Bill, Catalogue, cents_of
from audit.refunds.spans import Calendar, Segment, Span
from audit.refunds.terms import HUNDRED, Terms
from audit.refunds.usage import Counted, Usage

Basis = Literal["actual", "estimate"]


@dataclass(frozen=True)
class Baseline:
    """Usage of a usual month: the mean of the months before the incident that are known.

    ``units`` is rounded half up to whole metered units; None where no month is known.
    ``months`` are those asked for, without those before the organization existed.
    """

    product: str
    months: tuple[Counted, ...]
    units: int | None
    source: str

    @property
    def known(self) -> tuple[Counted, ...]:
        return tuple(month for month in self.months if month.complete)

    def usual(self, days: int, period_days: int) -> int | None:
        """Units of so many days of a period at the baseline, half up."""
        if self.units is None:
            return None
        total, months = self.units, 1
        if self.known:
            total, months = sum(month.quantity or 0 for month in self.known), len(self.known)
        return half_up(total * days, months * period_days)


@dataclass(frozen=True)
class Amount:
    """One product on one bill.

    ``used`` and ``usual`` are units of the incident's days, ``overage`` what is between them,
    never below 0. ``difference`` is ``with_overage.total - without.total``; ``charged`` what the
    product costs in the period after limit and percentage, the most that can be given back;
    ``refund`` the smaller of both. Whatever cannot be known is None, and ``unknown`` says why.
    """

    product: str
    name: str
    segment: Segment
    baseline: Baseline
    used: Counted
    usual: int | None
    overage: int | None
    with_overage: Bill | None
    without: Bill | None
    difference: Decimal | None
    charged: Decimal | None
    charged_basis: Basis
    refund: Decimal | None
    unknown: str

    @property
    def ratio(self) -> Decimal | None:
        """A month with the incident over a usual one; None without a usual one."""
        if self.overage is None or not self.baseline.units:
            return None
        return Decimal(self.baseline.units + self.overage) / Decimal(self.baseline.units)

    @property
    def is_capped(self) -> bool:
        return self.refund is not None and self.refund != self.difference


def baseline(
    usage: Usage,
    product: str,
    calendar: Calendar,
    typed: Mapping[str, int],
    unintended: Collection[str] = (),
) -> Baseline:
    """``typed`` wins; a fixed fee, and what was never meant to be on, has a baseline of 0."""
    if product in typed:
        return Baseline(product, (), typed[product], "typed: --baseline")
    if product in unintended:
        return Baseline(product, (), 0, "0: never meant to be charged")
    born = usage.born
    months = tuple(
        usage.counted(product, month)
        for month in calendar.months
        if born is None or month.start >= born
    )
    known = [month.quantity for month in months if month.complete and month.quantity is not None]
    kind = "billing periods" if calendar.months_known else "months of 30 days"
    if not known:
        return Baseline(product, months, None, f"no complete one of the {kind} before is known")
    sources = " and ".join(sorted({month.source for month in months if month.complete}))
    source = f"mean of {len(known)} {kind} before the incident, {sources}"
    return Baseline(product, months, half_up(sum(known), len(known)), source)


def amounts(
    account: Account,
    usage: Usage,
    terms: Terms,
    calendar: Calendar,
    baselines: Mapping[str, Baseline],
    fees: Collection[str] = (),
) -> tuple[Amount, ...]:
    """Every product on every bill of the incident, product by product. ``fees``: products with
    a fixed fee, one unit a bill, which no month before makes usual."""
    return tuple(
        _amount(account, usage, terms, segment, one, fee=product in fees)
        for product, one in baselines.items()
        for segment in calendar.segments
    )


def _amount(
    account: Account,
    usage: Usage,
    terms: Terms,
    segment: Segment,
    usual_month: Baseline,
    *,
    fee: bool,
) -> Amount:
    product, period = usual_month.product, segment.period
    used = usage.counted(product, segment.days)
    usual = usual_month.usual(segment.days.days, period.days)
    if fee:
        used = Counted(segment.days, 1, segment.days.days, "subscriptions, one fee a bill")
        usual = 0
    unknown = ""
    overage, difference, charged, refund = None, None, None, None
    with_overage, without = None, None
    basis: Basis = "estimate"
    if usual is None or usual_month.units is None:
        unknown = f"the baseline is not known: {usual_month.source}"
    elif used.quantity is None:
        unknown = f"no usage of {segment.days} is known"
    else:
        overage = max(0, used.quantity - usual)
        try:
            without = terms.line(product, usual_month.units, period.start)
            with_overage = terms.line(product, usual_month.units + overage, period.start)
        except (PriceError, InputError) as error:
            unknown = str(error)
        else:
            difference = max(Decimal("0.00"), with_overage.total - without.total)
            charged, basis = _charged(account, usage, terms, period, usual_month, fee=fee)
            refund = difference if charged is None else min(difference, charged)
    known = Catalogue.load().products.get(product)
    return Amount(
        product=product,
        name=known.name if known else product,
        segment=segment,
        baseline=usual_month,
        used=used,
        usual=usual,
        overage=overage,
        with_overage=with_overage,
        without=without,
        difference=difference,
        charged=charged,
        charged_basis=basis,
        refund=refund,
        unknown=unknown,
    )


def _charged(
    account: Account,
    usage: Usage,
    terms: Terms,
    period: Span,
    usual_month: Baseline,
    *,
    fee: bool,
) -> tuple[Decimal | None, Basis]:
    """What the product costs in the period after limit and percentage: as billed where the
    period is over and the vendor says, else its units at the price list."""
    billed = billed_amount(account, usual_month.product, period)
    if billed is not None:
        return cents_of(billed * (HUNDRED - terms.percent) / HUNDRED), "actual"
    units = 1 if fee else period_units(usage, period, usual_month)
    if units is None:
        return None, "estimate"
    return terms.line(usual_month.product, units, period.start).total, "estimate"


def billed_amount(account: Account, product: str, period: Span) -> Decimal | None:
    """Actual USD of a product in a period that is over, before discounts; None if unknown."""
    rows = account["bill_lines"]
    over = rows["is_complete"].fillna(False).astype(bool)
    mine: Iterable[Any] = rows[over & (rows["product"] == product)].itertuples()
    for row in mine:
        same = (row.period_start.date(), row.period_end.date()) == (period.start, period.end)
        if same and row.amount_usd is not None:
            return Decimal(row.amount_usd)
    return None


def period_units(usage: Usage, period: Span, usual_month: Baseline) -> int | None:
    """Units of a whole period; the days that are still to come at the baseline."""
    if usage.as_of >= period.end:
        counted = usage.counted(usual_month.product, period)
        return counted.quantity if counted.complete else None
    past = usage.counted(usual_month.product, Span(period.start, max(period.start, usage.as_of)))
    rest = usual_month.usual((period.end - max(period.start, usage.as_of)).days, period.days)
    if rest is None or (past.span.days and not past.complete):
        return None
    return (past.quantity or 0) + rest


def allocated(parts: Iterable[Decimal], most: Decimal) -> tuple[Decimal, ...]:
    """Parts in whole cents that together are at most ``most``, in proportion, the cents that do
    not divide going to the largest remainders first.

    >>> allocated([Decimal("2.00"), Decimal("1.00")], Decimal("1.00"))
    (Decimal('0.67'), Decimal('0.33'))
    """
    cents = [int(part * 100) for part in parts]
    whole, limit = sum(cents), int(most * 100)
    if whole > limit:
        shares = [divmod(one * limit, whole) for one in cents]
        left = limit - sum(quotient for quotient, _ in shares)
        order = sorted(range(len(shares)), key=lambda n: (-shares[n][1], n))
        cents = [shares[n][0] + (n in order[:left]) for n in range(len(shares))]
    return tuple((Decimal(one) / 100).quantize(Decimal("0.01")) for one in cents)


def half_up(numerator: int, denominator: int) -> int:
    """A quotient of whole numbers, rounded half up.

    >>> half_up(5, 2), half_up(4, 3)
    (3, 1)
    """
    return (2 * numerator + denominator) // (2 * denominator)
