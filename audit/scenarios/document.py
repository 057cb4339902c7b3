"""A comparison as plain values. Money is text, USD, an estimate."""

from typing import Any

from audit.findings.outlook.document import plain
from audit.scenarios.compare import Comparison, Outcome

SCHEMA = "account-audit/scenarios/1"


def document(of: Comparison) -> dict[str, Any]:
    """Every scenario with what it consists of and what it costs."""
    return {
        "schema": SCHEMA,
        "basis": "estimate",
        "policy": of.policy,
        "draws": of.draws,
        "start": of.periods[0].start.isoformat(),
        "end": of.periods[-1].end.isoformat(),
        "scenarios": [_outcome(one) for one in of.outcomes],
    }


def _outcome(of: Outcome) -> dict[str, Any]:
    return {
        **of.scenario.as_plain(),
        "next_bill": plain(of.next_bill),
        "year_bill": plain(of.year_bill),
        "year_to_pay": plain(of.year_to_pay),
        "next_saving": plain(of.next_saving),
        "year_saving": plain(of.year_saving),
        "chance_of_more_percent": round(of.chance_of_more_percent, 2),
        "bills": [plain(bill) for bill in of.bills],
        "by_product": {product: f"{amount}" for product, amount in of.by_product},
        "notes": list(of.notes),
        "confirm": list(of.confirm),
    }
