"""Flag startups whose credit runs out in this billing cycle.

What it finds: an organization on the startup plan that is forecast to pay more than
``payment_usd`` this period, after its credit.

Why it costs: the first invoice of a startup often comes as a surprise, and ends in a refund or in
leaving.

What to do: write before it: what the invoice will be, one change that lowers it, and the offer.

Trade-off: a discount given now is missing later.

Known limits: where the CRM has no forecast, it is the vendor's projected total less the credit
left. Growth in the last days of the period is not seen.

Source: PostHog handbook, cs-and-onboarding/health-tracking (startup plan and forecasted MRR above
0); growth/sales/communications-templates-startup-plan-rolloff.
"""

from audit.checks import Area, Audience, Effort, Severity, Usd

SEVERITY = Severity.NEEDS_ACTION
EFFORT = Effort.CONVERSATION
AREA = Area.BILLING
RULES = ("B14",)
AUDIENCE = Audience.TEAM
DOCS = "https://posthog.com/handbook/cs-and-onboarding/health-tracking"


def flag(on_startup_plan, startup_payment_usd, *, payment_usd: Usd = 0):
    return on_startup_plan & (startup_payment_usd > payment_usd)


def message(fact):
    return (
        f"On the startup plan, and ${fact.startup_payment_usd:,.2f} (estimate) are forecast to be "
        "paid this period."
    )
