"""Flag organizations where nobody has read an insight for a week.

What it finds: more than ``idle_days`` days since anybody viewed a saved insight of any project,
by the insights themselves or by the CRM, whichever is later.

Why it costs: a product that is paid for and not read is the first to be cancelled.

What to do: find out who read insights before and what they looked for; offer training or a call.

Trade-off: none.

Known limits: insights that are not saved, SQL and dashboards shared by link count only where the
CRM counts them. Holidays look the same.

Source: PostHog handbook, cs-and-onboarding/health-tracking (risk indicator: insight analyzed last
seen more than 7 days ago).
"""

from audit.checks import Area, Audience, Days, Effort, Severity

SEVERITY = Severity.WORTH_ATTENTION
EFFORT = Effort.CONVERSATION
AREA = Area.PRODUCT_ANALYTICS
RULES = ("B12",)
AUDIENCE = Audience.TEAM
DOCS = "https://posthog.com/docs/product-analytics/insights"


def flag(days_since_insight_read, *, idle_days: Days = 7):
    return days_since_insight_read > idle_days


def message(fact):
    return (
        f"Nobody at {fact.organization_name} has read an insight for "
        f"{fact.days_since_insight_read:,.0f} days."
    )
