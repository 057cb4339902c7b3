"""Flag organizations that have paid as many bills as onboarding accompanies.

What it finds: ``bills_count`` or more paid bills, and a stage that is no end.

Why it costs: nothing; a list that nobody clears hides who is waiting.

What to do: mark the account as onboarded, or hand it to Sales.

Trade-off: none.

Known limits: a paid bill is one over 0 dollars, by invoices, else by the CRM, whose count does not
go back before 2025.

Source: PostHog handbook, onboarding team page, mid 2025 (Onboarded (Done): have paid three bills),
and onboarding/onboarding-tracking (two billing periods).
"""

from audit.checks import Area, Audience, Count, Effort, Severity, counted

SEVERITY = Severity.INFORMATION
EFFORT = Effort.SETTING
AREA = Area.LIFECYCLE
RULES = ("C15",)
AUDIENCE = Audience.TEAM
DOCS = "https://posthog.com/handbook/onboarding/onboarding-tracking"


def flag(paid_bills, stage_is_terminal, *, bills_count: Count = 3):
    return ~stage_is_terminal & (paid_bills >= bills_count)


def message(fact):
    return (
        f"{fact.organization_name} has paid {counted(fact.paid_bills, 'bill')} and is not marked "
        "as done."
    )
