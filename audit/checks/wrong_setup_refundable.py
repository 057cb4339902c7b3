"""Flag add-ons that are charged and never used, where nothing was given back before.

What it finds: group analytics costs more than ``charged_usd`` and no event carries a group, or the
older data pipelines add-on costs more than that and nothing is connected; and no refund was given
before.

Why it costs: the customer pays for a default nobody chose, finds out, and asks for it back.

What to do: offer to take the add-on off, and to give back or credit what it cost ("wrong setup").
``audit refund --scenario wrong_setup`` works out the amount.

Trade-off: none while the add-on stays unused.

Known limits: other charges of a wrong configuration look like usage; only a person knows their
cause. Groups sent before the window do not count. Refunds are those the CRM or credit notes know.

Source: PostHog handbook, growth/sales/refunds (wrong setup: unintended features, first
occurrence). The least charge is ours.
"""

from typing import Any

from audit.checks import Area, Audience, Effort, Severity, Usd

SEVERITY = Severity.WORTH_ATTENTION
EFFORT = Effort.CONVERSATION
AREA = Area.BILLING
RULES = ("B03",)
AUDIENCE = Audience.TEAM
DOCS = "https://posthog.com/handbook/growth/sales/refunds"
PRODUCTS = ("group_analytics", "data_pipelines")


def flag(product_cost_usd, add_on_uses, earlier_refunds, *, charged_usd: Usd = 1):
    return (product_cost_usd > charged_usd) & (add_on_uses == 0) & is_first(earlier_refunds)


def is_first(earlier_refunds: Any) -> Any:
    """Nothing was given back before."""
    return earlier_refunds == 0


def message(fact):
    return (
        f"{fact.product_name} costs ${fact.product_cost_usd:,.2f} a month (estimate) and is not "
        "used; it was never given back."
    )
