"""Invoices as the API of the payment system lists them: whole cents, times in epoch seconds.

Source: Stripe API, the invoice object (``GET /v1/invoices``).
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from audit.errors import InputError

Item = Mapping[str, Any]

STATUSES = ("draft", "open", "paid", "uncollectible", "void")
CURRENCY = "usd"
LARGEST_CENTS = 10**15
#: Credit notes from before and after it was paid; both lower what was asked for.
CREDITED = ("pre_payment_credit_notes_amount", "post_payment_credit_notes_amount")
FIRST_SECOND, LAST_SECOND = 946_684_800, 4_102_444_800


def is_invoices(items: object) -> bool:
    """Whether a list holds such invoices and nothing else."""
    return (
        isinstance(items, list)
        and bool(items)
        and all(isinstance(item, Mapping) and item.get("object") == "invoice" for item in items)
    )


def invoice_rows(answer: Mapping[str, Any], *, organization_id: str) -> list[dict[str, Any]]:
    """Rows of the table invoices.

    Raises: InputError for several customers, another currency, or a value that cannot be.
    """
    items = answer["data"]
    customers = sorted({str(item.get("customer")) for item in items})
    if len(customers) > 1:
        raise InputError(
            f"it holds invoices of {len(customers)} customers ({', '.join(customers[:3])}, ...). "
            "Export one customer's, or a CSV with a column organization_id."
        )
    return [{"organization_id": organization_id, **_row(item)} for item in items]


def _row(item: Item) -> dict[str, Any]:
    where = f"invoice {item.get('id')!r}"
    currency, status = item.get("currency"), item.get("status")
    if currency != CURRENCY:
        raise InputError(f"{where} is in {currency!r}; the audit reads US dollars.")
    if status not in STATUSES:
        raise InputError(f"{where} has the status {status!r}, none of {', '.join(STATUSES)}.")
    turned = item.get("status_transitions")
    when: Item = turned if isinstance(turned, Mapping) else {}
    credited = [usd for name in CREDITED if (usd := _usd(item, name, where)) is not None]
    issued = _moment(when, "finalized_at", where) or _moment(item, "created", where)
    paid, attempts = _moment(when, "paid_at", where), item.get("attempt_count")
    if attempts is not None and (isinstance(attempts, bool) or not isinstance(attempts, int)):
        raise InputError(f"{where} has the attempt_count {attempts!r}, not a whole number.")
    start, end = (_moment(item, name, where) for name in ("period_start", "period_end"))
    return {
        "invoice_id": str(item.get("id")),
        "status": status,
        "period_start": start.date() if start else None,
        "period_end": end.date() if end else None,
        "total_usd": _usd(item, "total", where),
        "amount_due_usd": _usd(item, "amount_due", where),
        "issued_at": issued.isoformat() if issued else None,
        "paid_at": paid.isoformat() if paid else None,
        "attempts": attempts,
        "credited_usd": sum(credited, Decimal(0)) if credited else None,
    }


def _usd(item: Item, name: str, where: str) -> Decimal | None:
    cents = item.get(name)
    if cents is None:
        return None
    if isinstance(cents, bool) or not isinstance(cents, int) or abs(cents) >= LARGEST_CENTS:
        raise InputError(f"{where} has the {name} {cents!r}, not whole cents.")
    return Decimal(cents) / 100


def _moment(item: Item, name: str, where: str) -> datetime | None:
    seconds = item.get(name)
    if seconds is None:
        return None
    if isinstance(seconds, bool) or not isinstance(seconds, int):
        raise InputError(f"{where} has the {name} {seconds!r}, not a time in whole seconds.")
    if not FIRST_SECOND <= seconds < LAST_SECOND:
        raise InputError(f"{where} has the {name} {seconds!r}, outside the years 2000 to 2100.")
    return datetime.fromtimestamp(seconds, UTC)
