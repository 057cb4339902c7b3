"""Flag organizations that onboarding works on.

What it finds: a forecast bill above ``forecast_usd``, at most ``paid_bills_count`` paid bills, no
sign that Sales or Customer Success is engaged, and neither startup credit nor a prepaid plan.

Why it costs: nothing by itself; it says whose work the account is.

What to do: take the account up, and write before its bill renews.

Trade-off: none.

Known limits: most accounts with such a forecast are routed to onboarding, not all. The forecast
is the CRM's, else the vendor's, else our estimate of the last 30 days. What nobody wrote into the
CRM counts as not there.

Source: PostHog handbook, onboarding team page, mid 2025, and onboarding/onboarding-team (forecast
over 500 dollars, three billing periods); onboarding/sales-handover (not with Sales).
"""

from audit.checks import Area, Audience, Count, Effort, Severity, Usd, counted

SEVERITY = Severity.INFORMATION
EFFORT = Effort.CONVERSATION
AREA = Area.LIFECYCLE
RULES = ("C01",)
AUDIENCE = Audience.TEAM
DOCS = "https://posthog.com/handbook/onboarding/onboarding-team"


def flag(
    forecasted_bill_usd,
    paid_bills,
    sales_signs,
    on_startup_plan,
    has_prepaid_plan,
    *,
    forecast_usd: Usd = 500,
    paid_bills_count: Count = 3,
):
    ours = (sales_signs == 0) & ~on_startup_plan & ~has_prepaid_plan
    return ours & (forecasted_bill_usd > forecast_usd) & (paid_bills <= paid_bills_count)


def message(fact):
    return (
        f"Onboarding works on {fact.organization_name}: ${fact.forecasted_bill_usd:,.2f} forecast "
        f"(estimate), {counted(fact.paid_bills, 'bill')} paid."
    )
