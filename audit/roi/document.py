"""ROI as plain values, for ``audit roi --json``. Money is text, shares are text from 0 to 1, and
what is not known is null."""

from decimal import Decimal
from typing import Any

from audit.roi import account as of_account
from audit.roi import finding as of_finding
from audit.roi import product as of_product
from audit.roi import team as of_team
from audit.roi import trend as of_trend
from audit.roi.account import AccountValue, Side
from audit.roi.decomposition import Parts
from audit.roi.finding import FindingReturn, Range, Together
from audit.roi.known import Known
from audit.roi.one import Roi
from audit.roi.product import ProductValue
from audit.roi.trend import Trend

FORMULAS = {
    "read_cost": of_product.READ_COST,
    "read_share": of_account.READ_SHARE,
    "cost_per_reader": of_product.PER_READER,
    "cost_per_account_reader": of_account.PER_MEMBER,
    "cost_per_person": of_account.PER_PERSON,
    "events_per_person": of_account.EVENTS_PER_PERSON,
    "unit_cost": of_product.UNIT_COST,
    "yearly_saving": of_finding.YEARLY,
    "effort": of_finding.EFFORT,
    "payback_days": of_finding.PAYBACK,
    "first_year_return": of_finding.RETURN,
    "trend": of_trend.SUM,
}

TEAM_FORMULAS = {
    "minutes": of_team.MINUTES,
    "expected_saving": of_team.SAVED,
    "revenue_kept": of_team.KEPT,
    "net_revenue": of_team.NET,
    "worth_an_hour": of_team.WORTH,
}


def formulas(of: Roi) -> dict[str, str]:
    """The formulas behind the figures that the reader of the page sees, in words."""
    yearly = {"yearly_saving": of_finding.SIMULATED} if of.yearly_is_simulated else {}
    return FORMULAS | yearly | (TEAM_FORMULAS if of.for_team else {})


def document(of: Roi) -> dict[str, Any]:
    """Everything the value says. ``team`` is there for the team alone."""
    plain: dict[str, Any] = {
        "organization_id": of.audit.organization_id,
        "organization_name": of.audit.organization_name,
        "as_of": of.audit.as_of.isoformat(),
        "policy": of.audit.policy,
        "basis": "estimate",
        "formulas": formulas(of),
        "account": _account(of.account),
        "products": [_product(one) for one in of.products],
        "findings": [_finding(one) for one in of.findings],
        "together": _together(of.together),
        "yearly_savings": "simulated" if of.yearly_is_simulated else "twelve months",
        "trend": _trend(of.trend),
        "assumptions": [
            {
                "name": one.name,
                "value": _text(one.value),
                "unit": one.unit,
                "meaning": one.meaning,
                "source": one.source,
                "changed": one.changed,
            }
            for one in of.assumptions.shown(team=of.for_team)
        ],
        "people": dict(of.assumptions.people),
    }
    if of.team is not None:
        plain["team"] = {
            "in_message": list(of.team.in_message),
            "minutes": _text(of.team.minutes),
            "cost_usd": _text(of.team.cost),
            "expected_saving_usd": _text(of.team.expected_saving),
            "revenue_kept_usd": _text(of.team.revenue_kept),
            "net_revenue_usd": _text(of.team.net_revenue),
            "worth_an_hour_usd": _text(of.team.worth_an_hour),
        }
    return plain


def _text(value: Decimal | str | None) -> str | None:
    return f"{value:f}" if isinstance(value, Decimal) else value


def _account(of: AccountValue) -> dict[str, Any]:
    return {
        "before": _side(of.before),
        "after": _side(of.after) | {"reads_are_known": of.after_is_read},
        "people": _known(of.people),
        "readers": _known(of.readers),
        "benchmarks": [
            {"name": one.name, "title": one.title, "events_per_person": one.events}
            for one in of.benchmarks
        ],
        "benchmark_source": of.benchmark_source,
    }


def _known(of: Known) -> dict[str, Any]:
    return {"value": of.value, "why": of.why}


def _side(of: Side) -> dict[str, Any]:
    return {
        "total_usd": _text(of.total),
        "before_discounts_usd": _text(of.reading.cost),
        "read_cost_usd": _text(of.reading.read_cost),
        "known_cost_usd": _text(of.reading.known_cost),
        "read_share": _text(of.reading.read_share),
        "known_share": _text(of.reading.known_share),
        "cost_per_person_usd": _text(of.cost_per_person),
        "cost_per_reader_usd": _text(of.cost_per_reader),
        "events_per_person": _text(of.events_per_person),
        "unit_costs": {
            one.product: {unit.unit: _text(unit.usd) for unit in one.unit_costs}
            for one in of.reading.products
        },
    }


def _product(of: ProductValue) -> dict[str, Any]:
    return {
        "product": of.product,
        "name": of.name,
        "cost_usd": _text(of.cost),
        "quantity": _text(of.quantity),
        "quantity_unit": of.quantity_unit,
        "users": of.users.count,
        "users_are": of.users.nouns[1] or None,
        "users_why": of.users.why or None,
        "read": str(of.read.kind),
        "read_share": _text(of.read.share),
        "read_share_at_most": _text(of.read.at_most),
        "read_words": of.read.words,
        "would_tell": of.read.tells or None,
        "read_cost_usd": _text(of.read_cost),
        "cost_per_reader_usd": _text(of.cost_per_reader),
        "unit_costs": {one.unit: _text(one.usd) for one in of.unit_costs},
    }


def _finding(of: FindingReturn) -> dict[str, Any]:
    return {
        "finding": of.finding.id,
        "check": of.finding.check,
        "project_id": of.finding.project_id,
        "product": of.finding.product,
        "effort": str(of.finding.effort),
        "hours": _text(of.hours),
        "effort_usd": _text(of.effort_usd),
        "monthly_saving_usd": _text(of.monthly),
        "yearly_saving_usd": _range(of.yearly),
        "payback_days": _text(of.payback_days),
        "first_year_net_usd": _text(of.first_year_net),
        "first_year_return": _text(of.first_year_return),
    }


def _range(of: Range) -> dict[str, Any]:
    return {"mid": _text(of.mid), "low": _text(of.low), "high": _text(of.high)}


def _together(of: Together) -> dict[str, Any]:
    return {
        "hours": _text(of.hours),
        "effort_usd": _text(of.effort_usd),
        "yearly_saving_usd": _range(of.yearly),
        "payback_days": _text(of.payback_days),
        "first_year_return": _text(of.first_year_return),
    }


def _trend(of: Trend) -> dict[str, Any]:
    return {
        "reason": of.reason or None,
        "basis": of.basis,
        "quantities_of": of.quantities_of or None,
        "growth_from": of.growth_from or None,
        "growth_words": of.growth_words or None,
        "change_usd": _text(of.change),
        "parts": None if of.parts is None else _parts(of.parts),
        "months": [
            {
                "start": month.start.isoformat(),
                "end": month.end.isoformat(),
                "cost_usd": _text(month.cost),
                "growth": _text(month.growth),
                "growth_only_usd": _text(month.growth_only),
            }
            for month in of.months
        ],
        "products": [
            {
                "product": line.product,
                "unit": line.unit,
                "quantities": list(line.quantities),
                "costs_usd": [_text(cost) for cost in line.costs],
                "unit_costs_usd": [_text(cost) for cost in line.unit_costs],
                "unit_cost_change_percent": _text(line.unit_cost_change_percent),
                "parts": _parts(line.parts),
            }
            for line in of.lines
        ],
        "left_out": list(of.left_out),
    }


def _parts(of: Parts) -> dict[str, Any]:
    return {
        "growth_usd": _text(of.growth),
        "units_per_person_usd": _text(of.intensity),
        "units_usd": _text(of.units),
        "started_or_stopped_usd": _text(of.switched),
        "price_usd": _text(of.price),
        "total_usd": _text(of.total),
    }
