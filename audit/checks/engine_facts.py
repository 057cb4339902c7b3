"""Facts that no SQL file computes: from the bill, from daily history, from what checks found.

Declared here so that a check may name them; filled in by ``audit.findings.computed``.
"""

from collections.abc import Mapping
from typing import NamedTuple


class EngineFact(NamedTuple):
    """``table``: the canonical table whose rows stand behind the fact, for its evidence.

    ``after_checks``: computed from the verdicts of the first checks, so that only checks of the
    second round may ask for it.
    """

    scope: str
    unit: str
    meaning: str
    table: str
    after_checks: bool = False


def _product(unit: str, meaning: str) -> EngineFact:
    return EngineFact("product", unit, meaning, "usage_daily")


def _whole(unit: str, meaning: str, table: str = "usage_daily") -> EngineFact:
    return EngineFact("organization", unit, meaning, table)


def _found(unit: str, meaning: str) -> EngineFact:
    return EngineFact("organization", unit, meaning, "usage_rows", after_checks=True)


ENGINE_FACTS: Mapping[str, EngineFact] = {
    "product_cost_usd": _product(
        "USD", "cost of the product in the priced month, before discounts (estimate)"
    ),
    "group_analytics_cost_usd": _whole(
        "USD", "cost of group analytics in the priced month, before discounts (estimate)"
    ),
    "data_pipelines_cost_usd": _whole(
        "USD", "cost of data pipelines in the priced month, before discounts (estimate)"
    ),
    "bill_usd": _whole("USD", "bill of the priced month, after discounts (estimate)"),
    "forecasted_bill_usd": _whole(
        "USD",
        "forecast of this period's bill: the CRM's, else the vendor's after discount, else the "
        "bill of the priced month (estimate)",
        "organizations",
    ),
    "last_bill_usd": _whole(
        "USD",
        "billed in the last complete billing period, else the last paid invoice (actual)",
        "bill_lines",
    ),
    "joint_saving_usd": _found("USD", "what all fixes together save a billing month (estimate)"),
    "bill_after_fixes_usd": _found("USD", "bill of the priced month after all fixes (estimate)"),
    "needs_action_findings": _found("findings", "findings for the customer that need action"),
    "findings_with_saving": _found("findings", "findings for the customer that save money alone"),
}

#: Asked for only by checks that are judged after the others.
SECOND_FACTS = frozenset(name for name, fact in ENGINE_FACTS.items() if fact.after_checks)
