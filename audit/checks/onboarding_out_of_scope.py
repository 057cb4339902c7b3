"""Flag organizations that are not onboarding's to write to.

What it finds: no bill is forecast; or the startup plan with a month's usage and a forecast below
``low_use_usd``; or more than ``paid_bills_count`` paid bills. A startup the team chose to work with
is never among them.

Why it costs: nothing by itself; time spent here is missing elsewhere.

What to do: leave the account to support, to Sales where it asked for them, or to itself.

Trade-off: a small account that would have grown gets no help.

Known limits: whoever only contacted Sales has no bill and is here too.

Source: PostHog handbook, onboarding team page, mid 2025 (out of scope: no bill; startups under 500
dollars a month); onboarding/onboarding-team (paid over 3 bills).
"""

from audit.checks import Area, Audience, Count, Effort, Severity, Usd, counted

SEVERITY = Severity.INFORMATION
EFFORT = Effort.CONVERSATION
AREA = Area.LIFECYCLE
RULES = ("C03",)
AUDIENCE = Audience.TEAM
DOCS = "https://posthog.com/handbook/onboarding/onboarding-team"


def flag(
    forecasted_bill_usd,
    startup_use_usd,
    on_startup_plan,
    is_hype_startup,
    paid_bills,
    *,
    low_use_usd: Usd = 500,
    paid_bills_count: Count = 3,
):
    small_startup = (
        on_startup_plan & (startup_use_usd < low_use_usd) & (forecasted_bill_usd < low_use_usd)
    )
    no_bill = ~on_startup_plan & (forecasted_bill_usd <= 0)
    return (no_bill | small_startup | (paid_bills > paid_bills_count)) & ~is_hype_startup


def message(fact):
    if fact.on_startup_plan:
        return (
            f"{fact.organization_name} is on the startup plan, uses ${fact.startup_use_usd:,.2f} a "
            f"month (estimate) and has paid {counted(fact.paid_bills, 'bill')}."
        )
    return (
        f"{fact.organization_name} is forecast ${fact.forecasted_bill_usd:,.2f} (estimate) and has "
        f"paid {counted(fact.paid_bills, 'bill')}."
    )
