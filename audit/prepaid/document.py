"""The annual plan as plain values, for ``audit plan --json``. Described in docs/annual_plan.md."""

from decimal import Decimal
from typing import Any

from audit.prepaid.decide import BeforeFixing, Row
from audit.prepaid.levers import Stack
from audit.prepaid.plan import Plan, Usage
from audit.prepaid.sales_table import SalesRow

SCHEMA = "account-audit/annual-plan/1"


def document(plan: Plan) -> dict[str, Any]:
    """Everything the plan says. Money is text, USD of twelve months with two decimals, and an
    estimate; what is not known is null."""
    rules, assumed = plan.rules, plan.assumptions
    return {
        "schema": SCHEMA,
        "basis": "estimate",
        "rule_set": {
            "name": rules.name,
            "policy": rules.pack,
            "title": rules.title,
            "first_day": rules.first_day.isoformat() if rules.first_day else None,
            "sources": dict(rules.sources),
        },
        "terms": {
            "years": plan.terms.years,
            "paid_upfront": plan.terms.paid_upfront,
            "payment_days": plan.terms.payment_days,
            "non_profit": plan.terms.non_profit,
            "startup_roll_off": plan.terms.startup_roll_off,
        },
        "assumptions": {
            "renewal_percent": assumed.renewal_percent,
            "rollover_reading": assumed.reading(rules),
            "discount_rate_percent": assumed.discount_rate_percent,
            "most_loss_percent": assumed.most_loss_percent,
            "least_history_days": assumed.least_history_days,
            "shrink_percent": assumed.shrink_percent,
            "growth_percent": assumed.growth_percent,
        },
        "plan_state": str(plan.state),
        "plan_state_in_words": plan.state.in_words,
        "self_serve": {
            "eligible": plan.eligibility.holds,
            "in_words": plan.eligibility.in_words,
            "claims": [
                {"claim": one.claim, "value": one.value, "holds": one.holds}
                for one in plan.eligibility.claims
            ],
        },
        "draws": plan.draws,
        "history_days": plan.history_days,
        "usage": _usage(plan.usage),
        "usage_before_fixes": None if plan.unfixed_usage is None else _usage(plan.unfixed_usage),
        "recommended": plan.recommended.choice.name,
        "in_words": plan.in_words,
        "reason": plan.decision.reason,
        "levers": plan.levers,
        "alternatives": [_row(one) for one in plan.decision.rows],
        "before_fixing": _before_fixing(plan.before_fixing),
        "stale": _stale(plan),
        "break_evens": [
            {
                "from_percent": one.from_percent,
                "to_percent": one.to_percent,
                "credit_usd": _money(one.credit_usd),
                "usage_usd": _money(one.usage_usd),
            }
            for one in plan.break_evens
        ],
        "sales_table": [_sales(one) for one in plan.sales_table],
        "curve": [
            {
                "commitment_usd": _money(one.commitment_usd),
                "kind": str(one.kind),
                "percent": one.percent,
                "saving_usd": _money(one.saving_usd),
                "loss_percent": _share(one.loss_percent),
            }
            for one in plan.curve
        ],
        "confirm": list(plan.confirm),
        "notes": list(plan.notes),
    }


def _money(amount: Decimal | float | None) -> str | None:
    return None if amount is None else f"{amount:.2f}"


def _share(percent: float | None) -> float | None:
    return None if percent is None else round(percent, 4)


def _usage(usage: Usage) -> dict[str, Any]:
    return {
        "mean": _money(usage.mean),
        "p10": _money(usage.p10),
        "p50": _money(usage.p50),
        "p90": _money(usage.p90),
        "pay_as_you_go": _money(usage.pay_as_you_go),
    }


def _row(row: Row) -> dict[str, Any]:
    order = row.choice.order
    return {
        "name": row.choice.name,
        "title": row.choice.title,
        "kind": str(row.choice.kind),
        "tops_up": row.choice.tops_up,
        "is_offered": row.choice.is_offered,
        "why_not": row.choice.why_not or None,
        "commitment_usd": _money(order.purchase_usd) if order else None,
        "credit_usd": _money(order.credit_usd) if order else None,
        "price_usd": _money(order.price_usd) if order else None,
        "levers": _levers(order.stack) if order else None,
        "saving": _money(row.saving),
        "saving_percent": _share(row.saving_percent),
        "loss_percent": _share(row.loss_percent),
        "worst_saving": _money(row.worst_saving),
        "cash": _money(row.cash),
        "unused": _money(row.unused),
        "overage": _money(row.overage),
        "break_even_usage": _money(row.break_even_usage),
        "break_even_percent": _share(row.break_even_percent),
        "most_regret": _money(row.most_regret),
        "regret": _money(row.regret),
    }


def _levers(stack: Stack) -> dict[str, Any]:
    return {
        "points": [{"lever": what, "percent": percent} for what, percent in stack.points],
        "counted_percent": stack.counted_percent,
        "pending_percent": stack.pending_percent,
        "in_words": stack.in_words,
        "confirm": list(stack.confirm),
    }


def _before_fixing(found: BeforeFixing | None) -> dict[str, Any] | None:
    if found is None:
        return None
    order = found.choice.order
    return {
        "name": found.choice.name,
        "title": found.choice.title,
        "commitment_usd": _money(order.purchase_usd) if order else None,
        "saving": _money(found.saving),
        "loss_percent": _share(found.loss_percent),
        "unused": _money(found.unused),
        "cost": _money(found.cost),
        "in_words": found.in_words,
        "mean": None if found.mean is None else _before_fixing(found.mean),
    }


def _stale(plan: Plan) -> dict[str, Any] | None:
    found = plan.stale
    if found is None:
        return None
    return {
        "month_usd": _money(found.month_usd),
        "recommended": found.recommended.choice.name,
        "title": found.recommended.choice.title,
        "disagrees": found.disagrees,
        "in_words": found.in_words,
    }


def _sales(row: SalesRow) -> dict[str, Any]:
    return {
        "name": row.name,
        "title": row.title,
        "basis": row.basis,
        "pay_as_you_go": _money(row.pay_as_you_go),
        "how": row.how or None,
        "credit": _money(row.credit),
        "cash": _money(row.cash),
        "saving": _money(row.saving),
        "unused": _money(row.unused),
        "levers": row.levers or None,
    }
