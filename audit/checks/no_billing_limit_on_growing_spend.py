"""Flag organizations whose spend grows fast with no limit set by anybody.

What it finds: no limit but the vendor's defaults, and the last 30 days of usage cost at least
``growth_percent`` and ``growth_usd`` more than the 30 days before (at today's prices).

Why it costs: nothing by itself. A spike with no limit and no alert is noticed on the invoice.

What to do: set a billing alert; a limit only where dropped data is better than a higher bill.

Trade-off: a limit drops data for good once it is reached.

Known limits: growth that is meant looks the same.

Source: PostHog handbook, onboarding/metabase-account-analysis (limits as a signal); 25 percent and
100 dollars are ours.
"""

from audit.checks import Area, Effort, Percent, Severity, Usd

SEVERITY = Severity.WORTH_ATTENTION
EFFORT = Effort.BILLING_PAGE
AREA = Area.BILLING
RULES = ("A26",)
DOCS = "https://posthog.com/docs/billing/limits-alerts"


def flag(
    own_limits,
    usage_cost_usd,
    previous_usage_cost_usd,
    *,
    growth_percent: Percent = 25,
    growth_usd: Usd = 100,
):
    grown = usage_cost_usd - previous_usage_cost_usd
    fast = 100 * grown >= growth_percent * previous_usage_cost_usd
    return (own_limits == 0) & fast & (grown >= growth_usd)


def message(fact):
    grown = fact.usage_cost_usd - fact.previous_usage_cost_usd
    return (
        f"Thirty days of usage cost ${grown:,.2f} more than the thirty before (estimate), and "
        "nobody set a limit."
    )
