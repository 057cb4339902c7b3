"""Flag organizations that Sales will contact by its own rules.

What it finds: a last bill from ``bill_from_usd`` to ``bill_to_usd``, more than ``staff_count``
employees, more than ``people_count`` users, a country Sales looks at, and ``bills_count`` or more
paid bills.

Why it costs: nothing; the customer may hear from two teams.

What to do: expect an account manager, and look for one before writing.

Trade-off: none.

Known limits: further roads to Sales (a fit score, a forecast that grows by half) are not seen.

Source: PostHog handbook, growth/sales/lead-scoring (product-led leads: 500 to 1,667 dollars, over
50 employees, over 7 users, three months of paying).
"""

from audit.checks import Area, Audience, Count, Effort, Severity, Usd

SEVERITY = Severity.INFORMATION
EFFORT = Effort.CONVERSATION
AREA = Area.LIFECYCLE
RULES = ("C10",)
AUDIENCE = Audience.TEAM
DOCS = "https://posthog.com/handbook/growth/sales/lead-scoring"


def flag(
    last_bill_usd,
    employees,
    users_count,
    in_icp_country,
    paid_bills,
    *,
    bill_from_usd: Usd = 500,
    bill_to_usd: Usd = 1_667,
    staff_count: Count = 50,
    people_count: Count = 7,
    bills_count: Count = 3,
):
    size = (employees > staff_count) & (users_count > people_count)
    pays = last_bill_usd.between(bill_from_usd, bill_to_usd) & (paid_bills >= bills_count)
    return size & pays & in_icp_country


def message(fact):
    return (
        f"{fact.organization_name} is a lead by Sales's own rules: ${fact.last_bill_usd:,.2f} "
        f"(actual), {fact.employees:,.0f} employees, {fact.users_count:,.0f} users."
    )
