"""How the money goes back: a credit, or a credit note on an invoice; and what to mind.

Source: PostHog handbook, growth/sales/refunds (refund or credit, invoice status, tax, fixed fee
product refunds) and growth/revops/credits (reasons).
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from enum import StrEnum

from audit.errors import InputError
from audit.pricing import cents_of
from audit.refunds.case import Case, PeriodBill
from audit.refunds.eligibility import is_repeat
from audit.refunds.request import Scenario

HUNDRED = Decimal(100)
BLOCKED_FROM = 2

#: The word of the list in Billing Admin. The list is the handbook's, the choice ours.
CREDIT_REASONS = {
    Scenario.LEARNING_CURVE: "First Big Bill",
    Scenario.UNEXPECTED_STARDOM: "Unwanted Spike",
    Scenario.UNDER_ATTACK: "Unwanted Spike",
    Scenario.WRONG_SETUP: "Other",
}


class Instrument(StrEnum):
    CREDIT = "credit"
    CREDIT_NOTE = "credit note"
    PERSON = "a person must confirm"


@dataclass(frozen=True)
class Settlement:
    """How the part of one bill goes back, and why so; ``share_percent``: the most of it, where
    something was refunded before and not fixed since."""

    bill: PeriodBill
    instrument: Instrument
    because: str
    reason: str
    share_percent: Decimal


def settlement(case: Case, bill: PeriodBill, scenario: Scenario | None) -> Settlement:
    """``scenario``: the one that fits, or None while several might."""
    instrument, because = _instrument(case, bill)
    reason = CREDIT_REASONS[scenario] if scenario else "choose when the scenario is settled"
    return Settlement(bill, instrument, because, reason, _share(case, instrument))


def _share(case: Case, instrument: Instrument) -> Decimal:
    if not is_repeat(case) or case.request.fixed_in_good_faith:
        return HUNDRED
    limit = case.thresholds
    if instrument is Instrument.CREDIT:
        return Decimal(limit.partial_credit_percent)
    return Decimal(limit.partial_refund_percent)


def _instrument(case: Case, bill: PeriodBill) -> tuple[Instrument, str]:
    invoice, period = bill.invoice, bill.segment.period
    if invoice is None or invoice.status == "draft":
        if not case.calendar.periods_known:
            return Instrument.PERSON, "the billing period is not known"
        if case.request_day < period.end:
            return Instrument.CREDIT, f"the period is open until {period.last}"
        if invoice is not None:
            return Instrument.CREDIT, f"invoice {invoice.id} is a draft, not final yet"
        return Instrument.PERSON, "the period is over and its invoice is not known"
    if invoice.status == "void":
        return Instrument.PERSON, f"invoice {invoice.id} is void; no credit note goes on it"
    earlier, _ = case.earlier_refunds
    is_final = f"invoice {invoice.id} is {invoice.status}"
    if earlier is not None and not is_repeat(case):
        return Instrument.CREDIT_NOTE, f"{is_final} and this is the first request"
    if earlier is None:
        return Instrument.PERSON, f"{is_final}; a credit note if this is the first request"
    return Instrument.PERSON, f"{is_final}, and there were {earlier} refunds before"


def notes(
    case: Case, settlements: Iterable[Settlement], fees: Collection[str], credited: Decimal | None
) -> tuple[str, ...]:
    """What whoever issues it must mind, a sentence each."""
    ways = {one.instrument for one in settlements}
    statuses = {one.bill.invoice.status for one in settlements if one.bill.invoice}
    out = [_tax(case, credited if ways == {Instrument.CREDIT} else None)]
    if Instrument.CREDIT_NOTE in ways:
        out.append(
            "Start it in Billing Admin with 'Start refund', which issues a credit note; do not "
            "use the refund button in Stripe."
        )
    if Instrument.CREDIT in ways:
        out.append("A credit only applies to upcoming invoices.")
    if "open" in statuses:
        out.append(
            "If Stripe refuses the credit note over a pending payment attempt, wait for the "
            "attempt, or mark the invoice uncollectible and try again."
        )
    if "uncollectible" in statuses:
        out.append("The invoice is uncollectible, which already forgives it: nothing may be due.")
    if case.invoices.uncollectible >= BLOCKED_FROM:
        out.append(
            f"{case.invoices.uncollectible} invoices are uncollectible; from {BLOCKED_FROM} on "
            "the customer cannot subscribe again."
        )
    if fees:
        out.append(
            f"{', '.join(sorted(fees))}: a fixed fee. When it is cancelled, Stripe adds a pending "
            "proration item; delete it, or the customer is credited twice."
        )
    balance = case.account.organization["credit_balance_usd"]
    if balance:
        out.append(
            f"The organization holds credit of {balance:.2f} USD (actual): what credit paid is "
            "not paid out in money."
        )
    if is_repeat(case):
        out.append("Warn that repeated incidents may not be refunded again.")
    else:
        out.append("Give guidance that prevents the next one, such as a billing limit.")
    return tuple(out)


def _tax(case: Case, credit: Decimal | None) -> str:
    base = (
        "Tax is for US customers only and is computed on the full amount before credits; a credit "
        "does not lower it"
    )
    if not case.request.tax_percent:
        return f"{base}. If a zero bill is the goal, gross the credit up by the tax in Stripe."
    percent = tax_percent(case.request.tax_percent)
    total = sum((bill.total for bill in case.bills), Decimal(0))
    gross = cents_of(total * (HUNDRED + percent) / HUNDRED)
    note = f"{base}. At {percent}% a zero bill takes a credit of {gross:.2f} USD (estimate)"
    return note + (f", instead of {credit:.2f} USD." if credit is not None else ".")


def tax_percent(text: str) -> Decimal:
    """Raises: InputError for what is no percentage."""
    try:
        percent = Decimal(text.strip())
    except InvalidOperation:
        percent = Decimal("NaN")
    if not percent.is_finite() or not 0 <= percent <= HUNDRED:
        raise InputError(f"--tax-percent is a number from 0 to 100 such as 8.25, got {text!r}.")
    return percent
