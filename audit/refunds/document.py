"""A decision as plain values: what ``audit refund --json`` prints. See docs/refunds.md."""

from decimal import Decimal
from typing import Any

from audit.pricing import Bill, as_json
from audit.pricing.tiers import number_json
from audit.refunds.decide import Decision, Part
from audit.refunds.paste import paste_block, reading
from audit.refunds.settlement import Settlement
from audit.refunds.spans import Span

SCHEMA = "account-audit/refund/1"


def document(of: Decision) -> dict[str, Any]:
    """Money is text with two decimals, null where unknown; days are both included."""
    case = of.case
    return {
        "schema": SCHEMA,
        "organization_id": case.account.organization_id,
        "organization_name": case.account.name,
        "as_of": case.account.as_of.isoformat(),
        "request_day": case.request_day.isoformat(),
        "incident": _span(case.request.incident),
        "policy": case.thresholds.policy,
        "reading": reading(of),
        "verdict": of.verdict.value,
        "escalate": of.escalate.value,
        "scenarios": {scenario.value: found.value for scenario, found in of.scenarios.items()},
        "rules": [
            {
                "name": rule.name,
                "kind": rule.kind.value,
                "scenarios": list(rule.scenarios),
                "claim": rule.claim,
                "value": rule.value,
                "source": rule.source,
                "threshold": rule.threshold,
                "verdict": rule.verdict.value,
            }
            for rule in of.rules
        ],
        "baseline": {
            "months_are": "billing periods" if case.calendar.months_known else "30 days",
            "months": [_span(month) for month in case.calendar.months],
        },
        "amounts": [_part(part) for part in of.parts],
        "refund": _usd(of.refund),
        "most": _usd(of.most),
        "basis": "estimate",
        "price_list": of.price_list,
        "settlements": [_settlement(one) for one in of.settlements],
        "notes": list(of.notes),
        "paste": paste_block(of),
    }


def _part(part: Part) -> dict[str, Any]:
    one = part.amount
    return {
        "product": one.product,
        "name": one.name,
        "days": _span(one.segment.days),
        "period": _span(one.segment.period),
        "baseline_units": one.baseline.units,
        "baseline_source": one.baseline.source,
        "used_units": one.used.quantity,
        "used_source": one.used.source,
        "used_days": one.used.known_days,
        "usual_units": one.usual,
        "overage_units": one.overage,
        "times_baseline": None if one.ratio is None else f"{one.ratio:.2f}",
        "bill_with_overage": _bill(one.with_overage),
        "bill_at_baseline": _bill(one.without),
        "difference": _usd(one.difference),
        "charged": _usd(one.charged),
        "charged_basis": one.charged_basis,
        "refund": _usd(part.refund),
        "most": _usd(part.most),
        "basis": "estimate",
        "unknown": one.unknown,
    }


def _settlement(one: Settlement) -> dict[str, Any]:
    bill = one.bill
    return {
        "period": _span(bill.segment.period),
        "instrument": one.instrument.value,
        "because": one.because,
        "reason": one.reason,
        "share_percent": number_json(one.share_percent),
        "invoice_id": bill.invoice.id if bill.invoice else None,
        "invoice_status": bill.invoice.status if bill.invoice else None,
        "bill_total": _usd(bill.total),
        "bill_left": _usd(bill.left),
        "bill_basis": bill.basis,
        "without_price": list(bill.without_price),
    }


def _bill(of: Bill | None) -> dict[str, Any] | None:
    if of is None:
        return None
    return {**as_json(of), "discount": f"{of.discount:.2f}"}


def _span(span: Span) -> dict[str, Any]:
    return {"from": span.start.isoformat(), "to": span.last.isoformat(), "days": span.days}


def _usd(amount: Decimal | None) -> str | None:
    return None if amount is None else f"{amount:.2f}"
