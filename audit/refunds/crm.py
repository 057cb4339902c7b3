"""What the CRM, or whoever asks, knows: refunds before this one, revenue, startup plan, size."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from audit.account import Account
from audit.frames import in_memory
from audit.lifecycle import prepare
from audit.refunds.request import Request

_VALUES = "SELECT field, number, day, claim FROM lifecycle_values WHERE text IS NOT NULL"


@dataclass(frozen=True)
class Value:
    """One field as number, day or claim; the others are None."""

    number: Decimal | None
    day: date | None
    claim: bool | None


class Crm:
    """The lifecycle fields of one account, by their canonical names."""

    def __init__(self, account: Account) -> None:
        with in_memory(account.frames, {"lifecycle"}) as connection:
            prepare(connection)
            rows = connection.execute(_VALUES).fetchall()
        self._values = {
            name: Value(None if number is None else Decimal(str(number)), day, claim)
            for name, number, day, claim in rows
        }

    def number(self, field: str) -> Decimal | None:
        return self._values[field].number if field in self._values else None

    def day(self, field: str) -> date | None:
        return self._values[field].day if field in self._values else None

    def claim(self, field: str) -> bool | None:
        return self._values[field].claim if field in self._values else None


def earlier_refunds(crm: Crm, request: Request, credited: int) -> tuple[int | None, str]:
    """Refunds before this request, and who says so. ``credited``: invoices with credit notes,
    which prove refunds and, as a credit leaves no trace on them, never that there were none."""
    if request.earlier_refunds is not None:
        return request.earlier_refunds, "typed: --earlier-refunds"
    number = crm.number("earlier_refunds")
    if credited > (number or 0):
        return credited, "invoices.credited_usd"
    if number is None:
        return None, "nothing tells earlier refunds: give --earlier-refunds"
    return int(number), "lifecycle.earlier_refunds"


def no_revenue(crm: Crm, request: Request) -> tuple[bool | None, str]:
    """Whether the company has no revenue, or it is a hobby project."""
    if request.no_revenue is not None:
        return request.no_revenue, "typed: --hobby or --has-revenue"
    earns = crm.claim("company_has_revenue")
    if earns is None:
        return None, "nothing tells the company's revenue: give --hobby or --has-revenue"
    return not earns, "lifecycle.company_has_revenue"
