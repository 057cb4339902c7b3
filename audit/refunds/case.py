"""One refund request with everything the account says about it, before any rule is asked."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from audit.account import Account
from audit.checks import spike_refundable
from audit.errors import InputError
from audit.findings.examine import examine
from audit.pricing import Bill
from audit.refunds.amounts import Amount, Baseline, Basis, amounts, baseline, period_units
from audit.refunds.crm import Crm, earlier_refunds
from audit.refunds.invoices import Invoice, Invoices
from audit.refunds.request import Request, Scenario, checked
from audit.refunds.spans import Calendar, Segment, calendar
from audit.refunds.terms import Terms, fixed_fees
from audit.refunds.thresholds import Number, Thresholds, times
from audit.refunds.usage import Usage

#: Checks that say an add-on is paid and not used, and the add-on.
UNUSED_ADD_ONS = {
    "group_analytics_unused": "group_analytics",
    "data_pipelines_unused": "data_pipelines",
}


@dataclass(frozen=True)
class PeriodBill:
    """The whole bill of one period of the incident.

    ``total`` is USD after discounts, before credit: of the invoice, where there is a final one,
    else our estimate, which lacks the products ``without_price``. ``left`` is what is left of it
    after the credit notes that are on the invoice already.
    """

    segment: Segment
    invoice: Invoice | None
    total: Decimal
    left: Decimal
    basis: Basis
    without_price: tuple[str, ...]


@dataclass(frozen=True)
class Case:
    """The request and all facts. ``usual`` is a month at the baseline, everything on it."""

    account: Account
    request: Request
    thresholds: Thresholds
    usage: Usage
    crm: Crm
    invoices: Invoices
    terms: Terms
    calendar: Calendar
    unintended: frozenset[str]
    baselines: Mapping[str, Baseline]
    amounts: tuple[Amount, ...]
    bills: tuple[PeriodBill, ...]
    usual: Bill

    @property
    def request_day(self) -> date:
        return self.request.request_day or self.account.as_of

    @property
    def earlier_refunds(self) -> tuple[int | None, str]:
        """Refunds before this request, and who says so."""
        return earlier_refunds(self.crm, self.request, self.invoices.credited)

    @property
    def spike_percent(self) -> Number:
        """The reading in force of "spiked by more than 200 percent"."""
        return spike_percent(self.request, self.thresholds)

    @property
    def highest(self) -> Amount | None:
        """The amount that rose most above its baseline."""
        rose = [one for one in self.amounts if one.ratio is not None]
        return max(rose, key=lambda one: one.ratio or Decimal(0), default=None)


def case_of(account: Account, request: Request, thresholds: Thresholds) -> Case:
    """Read an account for a request.

    Raises: InputError when no product is named and none spiked, or the request makes no sense.
    """
    usage = Usage(account)
    request = checked(request, account, usage)
    terms = Terms.of(account)
    days = calendar(account, request.incident)
    fees = fixed_fees(account)
    unintended = _unintended(account, request)
    every = {
        product: baseline(usage, product, days, request.baseline, unintended | fees)
        for product in sorted({*usage.products, *fees, *unintended, *request.products})
    }
    chosen = _chosen(account, request, usage, terms, days, every, fees, unintended, thresholds)
    usual = {p: one.units for p, one in every.items() if one.units is not None and p not in fees}
    return Case(
        account=account,
        request=request,
        thresholds=thresholds,
        usage=usage,
        crm=Crm(account),
        invoices=(invoices := Invoices(account)),
        terms=terms,
        calendar=days,
        unintended=unintended,
        baselines=chosen,
        amounts=amounts(account, usage, terms, days, chosen, fees),
        bills=tuple(
            _period_bill(usage, terms, segment, every, fees, invoices) for segment in days.segments
        ),
        usual=terms.whole_bill({**usual, **dict.fromkeys(fees, 1)}, days.segments[0].period.start)[
            0
        ],
    )


def _unintended(account: Account, request: Request) -> frozenset[str]:
    """Add-ons that are paid and not used, in the scenario that pays them back."""
    if request.scenario is not Scenario.WRONG_SETUP:
        return frozenset()
    audit = examine(account, only=tuple(UNUSED_ADD_ONS), draws=0)
    return frozenset(UNUSED_ADD_ONS[found.check] for found in audit.findings)


def _chosen(
    account: Account,
    request: Request,
    usage: Usage,
    terms: Terms,
    days: Calendar,
    every: Mapping[str, Baseline],
    fees: frozenset[str],
    unintended: frozenset[str],
    thresholds: Thresholds,
) -> dict[str, Baseline]:
    """The products the request is about, each with the add-ons that bill its units again."""
    for product in request.products:
        if product in fees and request.scenario is not Scenario.WRONG_SETUP:
            raise InputError(
                f"{product!r} is a fixed fee and cannot spike. Give --scenario wrong_setup if it "
                "was never meant to be on."
            )
    named = list(request.products) or sorted(unintended)
    if not named:
        metered = {p: one for p, one in every.items() if p not in fees}
        tried = amounts(account, usage, terms, days, metered)
        percent = spike_percent(request, thresholds)
        named = [one.product for one in tried if spiked(one, percent)]
        if not named:
            raise InputError(_nothing_spiked(tried, percent))
    wanted = dict.fromkeys(member for product in named for member in usage.family(product))
    return {product: every[product] for product in wanted}


def spike_percent(request: Request, thresholds: Thresholds) -> Number:
    """The reading of "by more than 200 percent": what was typed, else the policy's."""
    return thresholds.spike_percent if request.spike_percent is None else request.spike_percent


def spiked(amount: Amount, percent: Number) -> bool | None:
    """Whether a month with the incident spiked over a usual one; None where it has none."""
    usual = amount.baseline.units
    if amount.overage is None or usual is None:
        return None
    month = usual + amount.overage
    return bool(
        spike_refundable.flag(month, usual, 0, spike_percent=float(percent), at_stake_usd=0)
    )


def _nothing_spiked(tried: tuple[Amount, ...], percent: Number) -> str:
    rose = sorted(
        ((one.ratio, one.product) for one in tried if one.ratio is not None), reverse=True
    )
    unknown = sorted({one.product for one in tried if one.baseline.units is None})
    most = ", ".join(f"{product} {ratio:.2f} times" for ratio, product in rose[:3])
    says = f" The most: {most}." if most else ""
    blind = f" No baseline is known of {', '.join(unknown)}." if unknown else ""
    return (
        f"No product rose above {times(percent)} times its usual month.{says}{blind} "
        "Name what the request is about with --product."
    )


def _period_bill(
    usage: Usage,
    terms: Terms,
    segment: Segment,
    every: Mapping[str, Baseline],
    fees: frozenset[str],
    invoices: Invoices,
) -> PeriodBill:
    units = {
        product: 1 if product in fees else period_units(usage, segment.period, one)
        for product, one in every.items()
    }
    known = {product: quantity for product, quantity in units.items() if quantity is not None}
    bill, without = terms.whole_bill(known, segment.period.start)
    invoice = invoices.of(segment.period)
    total, left = bill.total, bill.total
    basis: Basis = "estimate"
    if invoice is not None and invoice.is_final and invoice.total is not None:
        total, left, basis = invoice.total, invoice.left, "actual"
    return PeriodBill(
        segment=segment,
        invoice=invoice,
        total=total,
        left=left,
        basis=basis,
        without_price=tuple(sorted({*without, *(set(units) - set(known))})),
    )
