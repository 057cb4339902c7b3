"""The invoices of an account: whose period they bill, what state they are in, what came before."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

import pandas as pd

from audit.account import Account
from audit.refunds.spans import Span

#: States in which an invoice is final and a credit note can be put on it.
FINAL = ("paid", "open", "uncollectible")


@dataclass(frozen=True)
class Invoice:
    """``total`` is USD before credit; ``credited`` what credit notes have already taken off."""

    id: str
    status: str
    period: Span | None
    issued: date | None
    total: Decimal | None
    credited: Decimal | None

    @property
    def is_final(self) -> bool:
        return self.status in FINAL

    @property
    def left(self) -> Decimal:
        """What credit notes can still take off."""
        total = self.total or Decimal(0)
        return max(Decimal("0.00"), total - (self.credited or Decimal(0)))


class Invoices:
    """All invoices of an account, oldest first. ``complete``: none is missing."""

    def __init__(self, account: Account) -> None:
        rows: Iterable[Any] = account["invoices"].itertuples()
        found = [
            Invoice(
                id=row.invoice_id,
                status=row.status,
                period=_period(row.period_start, row.period_end),
                issued=None if pd.isna(row.issued_at) else row.issued_at.date(),
                total=row.total_usd,
                credited=getattr(row, "credited_usd", None),
            )
            for row in rows
        ]
        self.all = tuple(sorted(found, key=lambda one: (_day(one), one.id)))
        self.complete = is_covered(account, "invoices")

    def of(self, period: Span) -> Invoice | None:
        """The invoice of a billing period: one that covers most of its days; of several the last
        that is not void."""
        mine = [one for one in self.all if one.period and _covers(one.period, period)]
        mine.sort(key=lambda one: one.status != "void")
        return mine[-1] if mine else None

    def before(self, period: Span) -> tuple[Invoice, ...]:
        """Final invoices of earlier periods, oldest first."""
        return tuple(one for one in self.all if one.is_final and _day(one) <= period.start)

    @property
    def credited(self) -> int:
        """Invoices that a credit note was put on."""
        return sum(one.is_final and bool(one.credited) for one in self.all)

    @property
    def uncollectible(self) -> int:
        return sum(one.status == "uncollectible" for one in self.all)


def is_covered(account: Account, subject: str) -> bool:
    """Whether a pull read the subject to its end."""
    rows = account["coverage"]
    mine = rows[(rows["subject"] == subject) & (rows["project_id"] == "")]
    return bool(len(mine)) and bool(mine["complete"].all())


def _period(start: Any, end: Any) -> Span | None:
    if pd.isna(start) or pd.isna(end) or end <= start:
        return None
    return Span(start.date(), end.date())


def _day(invoice: Invoice) -> date:
    """When what it bills had ended; the far future for one that says nothing."""
    if invoice.period is not None:
        return invoice.period.end
    return invoice.issued or date.max


def _covers(invoiced: Span, period: Span) -> bool:
    return 2 * invoiced.within(period).days > max(period.days, invoiced.days)
