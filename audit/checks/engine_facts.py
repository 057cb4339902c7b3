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


#: Of the bill and of what usage costs.
BILL_FACTS: Mapping[str, EngineFact] = {
    "product_cost_usd": _product(
        "USD", "cost of the product in the priced month, after discount (estimate)"
    ),
    "group_analytics_cost_usd": _whole(
        "USD", "cost of group analytics in the priced month, after discount (estimate)"
    ),
    "data_pipelines_cost_usd": _whole(
        "USD", "cost of data pipelines in the priced month, after discount (estimate)"
    ),
    "error_tracking_cost_usd": _whole(
        "USD", "cost of error tracking in the priced month, after discount (estimate)"
    ),
    "destinations_cost_usd": _whole(
        "USD", "cost of realtime destinations in the priced month, after discount (estimate)"
    ),
    "usage_cost_usd": _whole(
        "USD",
        "cost of the metered usage of the window, after discount and before limits (estimate)",
    ),
    "previous_usage_cost_usd": _whole(
        "USD", "the same of the window before it, at the same prices (estimate)"
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
    "days_since_insight_read": _whole(
        "days",
        "since a saved insight was viewed or the CRM saw one analyzed, whichever is later",
        "resources",
    ),
}

#: Of the usage by day of four billing months; see audit.findings.history.
HISTORY_FACTS: Mapping[str, EngineFact] = {
    "spike_probability": _product(
        "chance",
        "of a clean account to show so strong a spike in any of its products in 30 days",
    ),
    "spike_days_ago": _product("days", "since the last day of the strongest spike of 30 days"),
    "spike_days": _product("days", "that the strongest spike lasted"),
    "spike_is_over": _product("claim", "the strongest spike ended before the last known day"),
    "spike_units": _product("units", "of the strongest spike, above what was expected"),
    "spike_cost_usd": _product(
        "USD", "the last 30 days as a bill, with and without these units (estimate)"
    ),
    "spike_ratio": _product("ratio", "of the strongest day to what was expected of it"),
    "step_probability": _product(
        "chance", "of a clean account to show so strong a step in any of its products in 30 days"
    ),
    "step_days_ago": _product("days", "since the level of usage moved and stayed"),
    "step_ratio": _product("ratio", "of the level after the step to the one before"),
    "step_cost_usd": _product(
        "USD", "a month at the new level less one at the old (estimate); negative for a fall"
    ),
    "period_quantity": _product("units", "of the last 30 days"),
    "baseline_quantity": _product("units", "of 30 days, the mean of the three months before"),
    "period_over_baseline_usd": _product(
        "USD", "cost of the last 30 days less that of the baseline, by the tiers (estimate)"
    ),
    "peak_day_ratio": _product(
        "ratio", "of the highest of 30 days to the median of the 28 days before it"
    ),
    "peak_day_days_ago": _product("days", "since the highest of 30 days"),
    "peak_day_cost_usd": _product(
        "USD",
        "the last 30 days as a bill, with the highest day and with a median one (estimate)",
    ),
}

#: Of how queries went, by the log or by the CRM.
QUERY_FACTS: Mapping[str, EngineFact] = {
    "query_failure_percent": _whole(
        "percent", "queries that failed in the window, else in 7 days as the CRM says", "activity"
    ),
    "rated_queries": _whole(
        "queries",
        "queries behind the failure rate; 0 where the CRM gives the rate alone",
        "activity",
    ),
}

#: Of the published health score; the other measures stand in SQL files.
HEALTH_FACTS: Mapping[str, EngineFact] = {
    "days_since_last_seen": _whole("days", "since anybody of the organization was seen", "members"),
    "active_users_percent": _whole("percent", "active members of all", "members"),
    "active_users_decrease_percent": _whole(
        "percent", "fall of the active user percentage, as the CRM says", "lifecycle"
    ),
    "users_engaging": _whole(
        "people",
        "people of the product most people used in the window, else as the CRM says",
        "activity",
    ),
    "product_count": _whole(
        "products", "products with billed usage, add-ons left out, else as the CRM says"
    ),
    "analysing_insights_percent": _whole(
        "percent",
        "people who used product analytics in the window, of active members, else as the CRM says",
        "activity",
    ),
    "watching_replays_percent": _whole(
        "percent",
        "people who watched recordings in the window, of active members, else as the CRM says",
        "activity",
    ),
    "viewing_surveys_percent": _whole(
        "percent",
        "people who looked at surveys in the window, of active members, else as the CRM says",
        "activity",
    ),
    "health_score": _whole(
        "of 10", "the published health score, an approximation; missing where too little is known"
    ),
    "health_coverage_percent": _whole(
        "percent", "of the weight of the published health score, how much is known"
    ),
    "failed_payments": _whole(
        "payments", "failed payments, by open invoices, else by the CRM", "invoices"
    ),
    "failed_payment_days": _whole(
        "days", "days since the CRM says a payment failed; 0 where an invoice is open", "invoices"
    ),
}

#: Where the account stands, by the first source that knows.
STANDING_FACTS: Mapping[str, EngineFact] = {
    "days_until_renewal": _whole(
        "days",
        "until the bill renews, by the CRM, else by the billing period; negative after it",
        "lifecycle",
    ),
    "renewal_is_assumed": _whole(
        "claim", "the renewal is the end of the billing period: the CRM names none to come"
    ),
    "paid_bills": _whole(
        "bills", "bills over 0 USD that were paid, by invoices, else by the CRM", "invoices"
    ),
    "startup_use_usd": _whole(
        "USD", "on the startup plan: what a month's usage costs (estimate); 0 for all others"
    ),
    "recent_bill_1_usd": _whole(
        "USD", "bill of the last complete billing period, by invoices or lines (actual)", "invoices"
    ),
    "recent_bill_2_usd": _whole("USD", "bill of the period before (actual)", "invoices"),
    "recent_bill_3_usd": _whole("USD", "bill of the one before that (actual)", "invoices"),
    "lowest_of_1_bills_usd": _whole("USD", "the last bill (actual); 0 without one", "invoices"),
    "lowest_of_2_bills_usd": _whole(
        "USD", "the lowest of the last two bills (actual); 0 where there are fewer", "invoices"
    ),
    "lowest_of_3_bills_usd": _whole(
        "USD", "the lowest of the last three bills (actual); 0 where there are fewer", "invoices"
    ),
}

#: What a refund depends on, by the first source that knows.
REFUND_FACTS: Mapping[str, EngineFact] = {
    "earlier_refunds": _whole(
        "refunds",
        "refunds given before, by the CRM or credit notes, whichever knows more",
        "invoices",
    ),
    "usual_spend_usd": _whole(
        "USD",
        "cost of a usual month: by the CRM, else the mean of the three invoices before the newest, "
        "else the bill of the priced month (estimate)",
        "invoices",
    ),
    "newest_bill_usd": _whole(
        "USD", "the newest invoice (actual); the forecast where none was sent yet", "invoices"
    ),
}

#: What the first checks found.
FOUND_FACTS: Mapping[str, EngineFact] = {
    "joint_saving_usd": _found("USD", "what all fixes together save a billing month (estimate)"),
    "bill_after_fixes_usd": _found("USD", "bill of the priced month after all fixes (estimate)"),
    "needs_action_findings": _found("findings", "findings for the customer that need action"),
    "findings_with_saving": _found("findings", "findings for the customer that save money alone"),
    "is_in_scope": _found("claim", "onboarding works on the account: a check of its scope says so"),
}

ENGINE_FACTS: Mapping[str, EngineFact] = {
    **BILL_FACTS,
    **HISTORY_FACTS,
    **QUERY_FACTS,
    **HEALTH_FACTS,
    **STANDING_FACTS,
    **REFUND_FACTS,
    **FOUND_FACTS,
}

#: Asked for only by checks that are judged after the others.
SECOND_FACTS = frozenset(FOUND_FACTS)
