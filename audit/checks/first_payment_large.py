"""Flag organizations whose first bill is large enough to go straight to Sales.

What it finds: no paid bill yet, and a forecast of ``first_bill_usd`` or more.

Why it costs: nothing by itself; the rules route such an account around onboarding.

What to do: hand it to Sales directly, and see that the first bill is no mistake.

Trade-off: a wrong setup is found later.

Known limits: a spike in the first month looks the same; look at the usage first.

Source: PostHog handbook, onboarding/onboarding-tracking (first payment due, all 2,000 dollars and
more). Not in force mid 2025, which asks for a discovery first.
"""

from audit.checks import Area, Audience, Effort, Severity, Usd

SEVERITY = Severity.WORTH_ATTENTION
EFFORT = Effort.CONVERSATION
AREA = Area.LIFECYCLE
RULES = ("C11",)
AUDIENCE = Audience.TEAM
DOCS = "https://posthog.com/handbook/onboarding/onboarding-tracking"


def flag(forecasted_bill_usd, paid_bills, *, first_bill_usd: Usd = 2_000):
    return (paid_bills == 0) & (forecasted_bill_usd >= first_bill_usd)


def message(fact):
    return (
        f"{fact.organization_name} has paid no bill yet, and ${fact.forecasted_bill_usd:,.2f} are "
        "forecast (estimate)."
    )
