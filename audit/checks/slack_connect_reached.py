"""Flag organizations that have earned a shared channel and have none.

What it finds: twelve times the forecast bill is ``annual_usd`` or more, or a support package is in
force; and the CRM knows of no shared channel.

Why it costs: nothing; questions that are asked in a channel are answered sooner.

What to do: offer the channel.

Trade-off: a channel wants to be read.

Known limits: the channel is known by its last message alone. A forecast that a fix will lower
counts in full.

Source: PostHog handbook, onboarding team page, mid 2025 (on track to spend 20,000 dollars a year),
and growth/sales/slack-channels (or a support package).
"""

from audit.checks import Area, Audience, Effort, Severity, Usd

SEVERITY = Severity.OPPORTUNITY
EFFORT = Effort.CONVERSATION
AREA = Area.LIFECYCLE
RULES = ("C12",)
AUDIENCE = Audience.TEAM
DOCS = "https://posthog.com/handbook/growth/sales/slack-channels"

MONTHS = 12


def flag(forecasted_bill_usd, has_support_package, has_slack_channel, *, annual_usd: Usd = 20_000):
    earned = (MONTHS * forecasted_bill_usd >= annual_usd) | has_support_package
    return earned & ~has_slack_channel


def message(fact):
    return (
        f"{fact.organization_name} is on track to spend ${MONTHS * fact.forecasted_bill_usd:,.0f} "
        "a year (estimate) and has no shared channel."
    )
