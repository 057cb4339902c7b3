"""What the CRM and the invoices say of a customer."""

from datetime import datetime, time, timedelta
from decimal import Decimal
from typing import Any

from corpus.customer import Customer
from corpus.units import UnsuitableError

MONTH = 30


def at(one: Customer, days_ago: int) -> datetime:
    return datetime.combine(one.ago(days_ago), time(9))


def invoiced(one: Customer, *totals: float, days_ago: int = 9, status: str = "paid") -> None:
    """One invoice a month, the newest last; ``status`` is that of the newest."""
    one.fixed.add("invoices")
    rows: list[dict[str, Any]] = []
    for number, total in enumerate(reversed(totals)):
        end = days_ago + MONTH * number
        newest = number == 0
        paid = status == "paid" or not newest
        amount = Decimal(f"{total:.2f}")
        rows.append(
            {
                "organization_id": one.id,
                "invoice_id": f"in_{one.id[:8]}_{number}",
                "status": status if newest else "paid",
                "period_start": one.ago(end + MONTH),
                "period_end": one.ago(end),
                "total_usd": amount,
                "amount_due_usd": amount,
                "issued_at": at(one, end),
                "attempts": 1,
                "credited_usd": Decimal(0),
                "paid_at": at(one, max(end - 1, 0)) if paid else None,
            }
        )
    one.lists["invoices"] = rows[::-1]


def crm(one: Customer, **fields: Any) -> None:
    """Fields as the CRM spells them; None takes one away. Sums stay as they are written."""
    one.fixed.add("crm")
    for name, value in fields.items():
        if value is None:
            one.crm.pop(name, None)
        else:
            one.crm[name] = str(value)


def forecast(one: Customer, usd: float) -> None:
    crm(one, forecasted_mrr_usd=f"{usd:.2f}")


def paying(one: Customer, usd: float) -> None:
    """The bill of a month is this much: what is missing is exported in the night.

    Raises: UnsuitableError for a customer that pays more already.
    """
    missing = Decimal(f"{usd:.2f}") - one.bill()
    if missing < 5:
        raise UnsuitableError("pays more")
    project = one.project()
    one.use(
        project,
        "batch_exports",
        one.billed(project, "batch_exports") + one.units_costing(float(missing), ["batch_exports"]),
    )
    if not one.resources("batch_export", project):
        one.resource(project, "batch_export", "Nightly copy")


def day(one: Customer, offset: int) -> str:
    """As the CRM writes a day; negative lies in the past."""
    return (one.as_of + timedelta(days=offset)).isoformat()
