"""Flag organizations that may be handed to Sales.

What it finds: each of the last ``stable_months`` bills, and the bill that would be left after all
fixes, above ``monthly_usd``; no finding that needs action; no sign that Sales is engaged; no
prepaid plan; not churned.

Why it costs: a stable account without an owner is one nobody plans the next year with.

What to do: hand over with the policy's segment, and say what was seen: the billing pattern, why
it is legitimate, and whom to talk to. Mid 2025 the annual plan was mentioned first.

Trade-off: the account gets a salesperson.

Known limits: whether the customer wants an annual plan is not known. Stable means above the level
in each month, whatever the growth; the message names it.

Source: PostHog handbook, onboarding team page, mid 2025 (over about 1,667 dollars a month for three
months, no pending issues), and onboarding/sales-handover (over 1,000 dollars, no spike, no
misconfiguration). That the bill after the fixes counts is ours.
"""

from typing import Annotated

from audit.checks import Area, Audience, Effort, Severity, Usd
from audit.checks.contract import Bounds

SEVERITY = Severity.OPPORTUNITY
EFFORT = Effort.CONVERSATION
AREA = Area.LIFECYCLE
RULES = ("C08", "C09")
AUDIENCE = Audience.TEAM
DOCS = "https://posthog.com/handbook/onboarding/sales-handover"

#: Bills that are told.
FewMonths = Annotated[float, Bounds(1, 3)]


def flag(
    lowest_of_1_bills_usd,
    lowest_of_2_bills_usd,
    lowest_of_3_bills_usd,
    bill_after_fixes_usd,
    needs_action_findings,
    sales_signs,
    has_prepaid_plan,
    stage_is_churned,
    *,
    monthly_usd: Usd = 1_667,
    stable_months: FewMonths = 3,
):
    lowest = lowest_of_3_bills_usd
    if stable_months <= 2:
        lowest = lowest_of_2_bills_usd
    if stable_months <= 1:
        lowest = lowest_of_1_bills_usd
    free = (sales_signs == 0) & ~has_prepaid_plan & ~stage_is_churned & (needs_action_findings == 0)
    return free & (lowest > monthly_usd) & (bill_after_fixes_usd > monthly_usd)


def message(fact):
    now, before = fact.recent_bill_1_usd, fact.recent_bill_2_usd
    growth = f", {now / before - 1:+.0%} on the one before" if before else ""
    return (
        f"{fact.organization_name} may be handed to Sales: the last bill was ${now:,.2f} "
        f"(actual){growth}, ${fact.bill_after_fixes_usd:,.2f} would be left after all fixes "
        "(estimate), and nothing needs action."
    )
