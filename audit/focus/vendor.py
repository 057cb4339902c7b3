"""What the vendor billed, period by period: its lines, its invoices, and what lies between them.

Rows of a period sum to what was to be paid for it, as far as the vendor says so: amounts of lines,
then the invoice's total (or, in the running period, the vendor's total so far), then its credit.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any

import pandas as pd

from audit.account import Account
from audit.errors import InputError, PriceError
from audit.findings.model import Audit, VendorLine
from audit.findings.pricing import own_prices
from audit.focus.charges import Charge, adjustment, credit, discounted, in_cents, of_line
from audit.focus.explained import counted_as, explained, limits_of
from audit.focus.services import service
from audit.pricing import Catalogue, Schedule, bill, cents_of
from audit.pricing.tiers import EXACT

HUNDRED = Decimal(100)

#: The parent of the flat monthly packages in the price list.
PACKAGES_OF = "platform_and_support"

#: An invoice in one of these states was sent; a draft is not final, a void one is no bill.
SENT = ("open", "paid", "uncollectible")


@dataclass(frozen=True)
class VendorPeriod:
    """The charges of one billing period, ``start`` to before ``end``."""

    start: date
    end: date
    is_complete: bool
    price_list: str | None
    charges: tuple[Charge, ...]


@dataclass(frozen=True)
class Billed:
    """All periods, oldest first. ``notes``: what was left out, and why."""

    periods: tuple[VendorPeriod, ...]
    notes: tuple[str, ...]


@dataclass(frozen=True)
class _Invoice:
    """USD. ``total`` is before credit, ``due`` after it."""

    id: str
    start: date
    end: date
    total: Decimal
    due: Decimal
    credited: Decimal


def vendor_periods(audit: Audit) -> Billed:
    """Every period with an amount the vendor billed. Periods with quantities alone have none."""
    notes: list[str] = []
    prepaid = audit.account.organization["is_annual_plan_customer"]
    if not pd.isna(prepaid) and prepaid:
        notes.append(
            "A prepaid plan is in force: what it paid is not told apart, and EffectiveCost spreads "
            "no commitment over usage."
        )
    by_period: dict[tuple[date, date], list[VendorLine]] = {}
    for line in audit.vendor_lines:
        by_period.setdefault((line.period_start, line.period_end), []).append(line)
    billed = {
        span: [line for line in lines if line.amount is not None]
        for span, lines in by_period.items()
    }
    billed = {span: lines for span, lines in billed.items() if lines}
    invoices = _invoices(audit.account, notes)
    spans = sorted({*billed, *((one.start, one.end) for one in invoices)})
    periods = []
    for span in spans:
        mine = [one for one in invoices if (one.start, one.end) == span]
        lines = billed.get(span, [])
        if not lines and _overlaps(span, billed):
            notes += [
                f"Invoice {one.id} of {span[0]} to {span[1]} ({one.due} USD) is left out: other "
                "periods with lines of their own hold some of its days."
                for one in mine
            ]
            continue
        silent = len(by_period.get(span, [])) - len(lines)
        if lines and silent:
            notes.append(
                f"{silent} of {silent + len(lines)} lines of {span[0]} to {span[1]} have no amount."
            )
        periods.append(_period(audit, span, lines, by_period.get(span, []), mine))
    if not periods:
        notes.append("No source tells an amount that the vendor billed.")
    return Billed(tuple(periods), tuple(notes))


def _period(
    audit: Audit,
    span: tuple[date, date],
    lines: Sequence[VendorLine],
    counted: Sequence[VendorLine],
    invoices: Sequence[_Invoice],
) -> VendorPeriod:
    """``lines`` have an amount; ``counted`` are all, also those with a quantity alone."""
    catalogue = Catalogue.load()
    own = own_prices(audit.account)
    groups = [_line_charges(audit, line, own, catalogue) for line in lines]
    subtotal = sum((cents_of(line.amount) for line in lines if line.amount), Decimal("0.00"))
    charges: list[Charge] = []
    if not invoices:
        charges = _to_total(audit, groups, subtotal, _running_total(audit.account, span), "")
    # The lines belong to one invoice; where there are several, to the nearest.
    nearest = min(invoices, key=lambda one: (abs(one.total - subtotal), one.id), default=None)
    for one in sorted(invoices, key=lambda one: one.id):
        mine = groups if one is nearest else []
        known = None
        if counted and not lines and len(invoices) == 1:
            known = explained(audit, counted, span[0], one.total)
        if known is None:
            known = _to_total(audit, mine, subtotal if mine else Decimal(0), one.total, one.id)
        found = [*known, *_credit_of(one)]
        charges += [replace(charge, invoice_id=one.id) for charge in found]
        charges += _credit_note(one)
    try:
        price_list = catalogue.price_list(span[0]).name
    except PriceError:
        price_list = None
    return VendorPeriod(
        start=span[0],
        end=span[1],
        is_complete=all(line.is_complete for line in lines),
        price_list=price_list,
        charges=tuple(charges),
    )


def _line_charges(
    audit: Audit, line: VendorLine, own: dict[str, Schedule], catalogue: Catalogue
) -> list[Charge]:
    """A line at its price, where the price makes the vendor's amount; else as one adjustment:
    a price that does not make the amount is not the price that was paid."""
    amount = cents_of(line.amount or Decimal(0))
    known = catalogue.products.get(line.product)
    # A package is one flat fee for the month, whether the vendor counts it or not.
    is_package = known is not None and known.parent == PACKAGES_OF
    quantity = 1 if is_package else line.quantity
    if quantity is not None:
        priced = _at_price(audit, line, quantity, amount, own, catalogue)
        if priced is not None:
            return priced
    of = service(line.product, catalogue)
    return [
        adjustment(
            in_cents(amount),
            f"{of.name}: the vendor's amount. Its quantity at the known price does not make it, or "
            "one of the two is not known.",
            of,
            None if quantity is None else of.priced(quantity),
        )
    ]


def _at_price(
    audit: Audit,
    line: VendorLine,
    quantity: int,
    amount: Decimal,
    own: dict[str, Schedule],
    catalogue: Catalogue,
) -> list[Charge] | None:
    """The charges of a quantity, without a limit or with that of now, where they make the amount.

    A limit is on what is paid after the percentage discount, and so moves with it.
    """
    for limits in ({}, limits_of(audit)):
        try:
            [priced] = bill(
                {counted_as(line.product): quantity},
                on=line.period_start,
                own=own,
                limits_usd=limits,
                discount_percent=audit.discount_percent,
                catalogue=catalogue,
            ).lines
            if priced.amount == amount and (priced.tiers or not amount):
                return of_line(priced, on=line.period_start, catalogue=catalogue)
        except (PriceError, InputError):
            return None
    return None


def _to_total(
    audit: Audit,
    groups: Sequence[Sequence[Charge]],
    subtotal: Decimal,
    total: Decimal | None,
    invoice_id: str,
) -> list[Charge]:
    """Lines, brought to the total of the period: by the account's own discount where that makes
    the total, else by one adjustment."""
    charges = [charge for group in groups for charge in group]
    if total is None or total == subtotal:
        return charges
    positive = bool(charges) and all(charge.held_cents >= 0 for charge in charges)
    if positive and total == _after_discount(audit, subtotal):
        return discounted(groups, in_cents(total))
    bill_of = f"invoice {invoice_id}" if invoice_id else "the running period, so far"
    if not charges:
        what = f"Total of {bill_of}: the sources tell no amounts of its lines."
    else:
        what = f"Total of {bill_of} less its lines: discount, tax or lines without an amount."
    return [*charges, adjustment(in_cents(total) - in_cents(subtotal), what)]


def _after_discount(audit: Audit, subtotal: Decimal) -> Decimal:
    """A subtotal from 0 after the discounts the account has now."""
    amount = audit.account.organization["discount_amount_usd"]
    off = cents_of(EXACT.divide(EXACT.multiply(subtotal, audit.discount_percent), HUNDRED))
    left = subtotal - off
    return max(left - (Decimal(0) if pd.isna(amount) else cents_of(amount)), Decimal("0.00"))


def _running_total(account: Account, span: tuple[date, date]) -> Decimal | None:
    """The vendor's total of the running period so far, after discount; None where not told."""
    known = account.organization
    if pd.isna(known["period_start"]) or known["period_start"].date() != span[0]:
        return None
    for name in ("current_total_after_discount_usd", "current_total_usd"):
        if not pd.isna(known[name]):
            return cents_of(known[name])
    return None


def _credit_of(one: _Invoice) -> list[Charge]:
    """Total to amount due."""
    cents = in_cents(one.due) - in_cents(one.total)
    if cents < 0:
        return [credit(cents, f"Credit that paid part of invoice {one.id}.")]
    if cents > 0:
        return [adjustment(cents, f"Amount due on invoice {one.id} beyond its total.")]
    return []


def _credit_note(one: _Invoice) -> list[Charge]:
    """What was refunded later. On no invoice: the amount due of this one was what it was."""
    if not one.credited:
        return []
    found = credit(-in_cents(one.credited), f"Credit notes on invoice {one.id}: refunded.")
    return [replace(found, is_correction=True)]


def _invoices(account: Account, notes: list[str]) -> list[_Invoice]:
    out = []
    rows: Iterable[Any] = account["invoices"].itertuples()
    for row in rows:
        if row.status not in SENT:
            continue
        total = row.amount_due_usd if pd.isna(row.total_usd) else row.total_usd
        due = row.total_usd if pd.isna(row.amount_due_usd) else row.amount_due_usd
        if pd.isna(total):
            notes.append(f"Invoice {row.invoice_id} is left out: its amount is not known.")
        elif pd.isna(row.period_start) or pd.isna(row.period_end):
            notes.append(f"Invoice {row.invoice_id} ({due} USD) is left out: it names no period.")
        elif row.period_end <= row.period_start:
            notes.append(f"Invoice {row.invoice_id} ({due} USD) is left out: its period is empty.")
        else:
            out.append(
                _Invoice(
                    id=row.invoice_id,
                    start=row.period_start.date(),
                    end=row.period_end.date(),
                    total=cents_of(total),
                    due=cents_of(due),
                    credited=cents_of(
                        Decimal(0) if pd.isna(row.credited_usd) else row.credited_usd
                    ),
                )
            )
    return out


def _overlaps(span: tuple[date, date], others: dict[tuple[date, date], list[VendorLine]]) -> bool:
    return any(start < span[1] and span[0] < end for start, end in others)
