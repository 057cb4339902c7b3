"""Flag organizations that Sales or Customer Success is engaged with.

What it finds: any of these in the CRM: a temporary owner (a lead with a task), an account
executive, a customer success manager, a segment of Sales, the segment that hands over, a stage at
Sales.

Why it costs: two teams that write at once cost trust, and may cost the deal.

What to do: hold any message. Ask the one in charge where the conversation stands; take the account
out of onboarding's segment where the policy says so.

Trade-off: an account with a forgotten owner waits.

Known limits: a shared channel, meetings and notes are not read. What nobody recorded is not seen.

Source: PostHog handbook, onboarding team page, mid 2025 (Handover to the Sales team), and
onboarding/sales-handover (how to see that Sales is engaged).
"""

from audit.checks import Area, Audience, Effort, Severity

SEVERITY = Severity.INFORMATION
EFFORT = Effort.CONVERSATION
AREA = Area.LIFECYCLE
RULES = ("C07",)
AUDIENCE = Audience.TEAM
DOCS = "https://posthog.com/handbook/onboarding/sales-handover"


def flag(sales_signs):
    return sales_signs > 0


def message(fact):
    signs = [
        words
        for given, words in (
            (fact.has_temporary_owner, "a temporary owner"),
            (fact.has_account_executive, "an account executive"),
            (fact.has_csm, "a customer success manager"),
            (fact.in_sales_segment, "a segment of Sales"),
            (fact.was_handed_over, "the segment that hands over"),
            (fact.stage_is_sales, "a stage at Sales"),
        )
        if given
    ]
    return f"Sales is engaged with {fact.organization_name}: {', '.join(signs)}."
