"""Flag organizations that reach a volume discount with a prepaid plan.

What it finds: twelve times the bill after all fixes is ``credit_usd`` or more, without a prepaid
plan or the startup plan.

Why it costs: by the month nobody gets a discount, whatever the volume.

What to do: show the plan with the usage after the fixes, and let Sales confirm it.

Trade-off: credit expires; a shrinking account pays for what it does not use.

Known limits: growth and decline are not foreseen. Which levers apply is Sales's to say.

Source: PostHog handbook, growth/sales/contract-rules (volume discount from 25,000 dollars of
credit, mid 2025 from 20,000 dollars after discount, which is the same credit). Fixes before pricing
from the same page.
"""

from audit.checks import Area, Audience, Effort, Severity, Usd

SEVERITY = Severity.OPPORTUNITY
EFFORT = Effort.CONVERSATION
AREA = Area.LIFECYCLE
RULES = ("C14",)
AUDIENCE = Audience.TEAM
DOCS = "https://posthog.com/handbook/growth/sales/contract-rules"

MONTHS = 12


def flag(bill_after_fixes_usd, has_prepaid_plan, on_startup_plan, *, credit_usd: Usd = 25_000):
    return ~has_prepaid_plan & ~on_startup_plan & (MONTHS * bill_after_fixes_usd >= credit_usd)


def message(fact):
    return (
        f"Twelve months of {fact.organization_name} after all fixes cost "
        f"${MONTHS * fact.bill_after_fixes_usd:,.0f} (estimate), enough for a volume discount."
    )
