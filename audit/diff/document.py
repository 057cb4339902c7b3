"""A comparison as plain values: what ``audit diff --json`` prints."""

from decimal import Decimal
from typing import Any

from audit.diff.model import ORDER, Decomposition, Diff, Movement, Side

SCHEMA = "account-audit/diff/1"
BASIS = "estimate"
PERIOD = "billing month"


def diff_document(of: Diff) -> dict[str, Any]:
    """Money is text: USD with two decimals. What is not known is null."""
    return {
        "schema": SCHEMA,
        "organization_id": of.organization_id,
        "organization_name": of.organization_name,
        "project_id": of.project_id or None,
        "before": _side(of.before),
        "now": _side(of.now),
        "order": [effect.value for effect in ORDER],
        "basis": BASIS,
        "period": PERIOD,
        "bill": _decomposition(of.bill),
        "joint_saving": _decomposition(of.joint_saving),
        "bill_after_fixes": _decomposition(of.bill_after_fixes),
        "unknown": of.unknown,
        "lines": [{"product": one.product, **_amount(one.amount)} for one in of.lines],
        "findings": [_movement(one) for one in of.findings],
        "notes": list(of.notes),
    }


def _side(side: Side) -> dict[str, Any]:
    return {
        "as_of": side.as_of.isoformat(),
        "policy": side.policy,
        "price_list": side.price_list,
        "lookback_days": side.lookback_days,
    }


def _decomposition(of: Decomposition | None) -> dict[str, Any] | None:
    return None if of is None else _amount(of)


def _amount(of: Decomposition) -> dict[str, Any]:
    return {
        "before": _usd(of.before),
        "effects": {effect.value: _usd(of.effects[effect]) for effect in ORDER},
        "now": _usd(of.now),
        "change": _usd(of.change),
    }


def _movement(one: Movement) -> dict[str, Any]:
    return {
        "id": one.id,
        "status": one.status.value,
        "check": one.check,
        "title": one.title,
        "project_id": one.project_id,
        "project_name": one.project_name,
        "product": one.product,
        "message": one.message,
        "severity_before": one.severity_before.value if one.severity_before else None,
        "severity_now": one.severity_now.value if one.severity_now else None,
        "saving_alone_before": _usd(one.saving_before),
        "saving_alone_now": _usd(one.saving_now),
        "suppressed_before": one.suppressed_before,
        "suppressed_now": one.suppressed_now,
        "moved_by": [effect.value for effect in one.moved_by],
        "effects": {effect.value: _usd(amount) for effect, amount in one.effects.items()},
        "reason": one.reason,
    }


def _usd(amount: Decimal | None) -> str | None:
    return None if amount is None else f"{amount:.2f}"
