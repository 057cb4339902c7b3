"""Flag organizations whose company has other organizations here.

What it finds: at least ``siblings_count`` other organizations of the same store with an admin
or owner on the same company domain of email.

Why it costs: free allowances and cheaper tiers count once for each organization, and two bills
are looked at by nobody in full.

What to do: ask which one is meant, and whether they should become one.

Trade-off: joining two organizations is work, and separates what was separate on purpose.

Known limits: seen only where a store holds several organizations; domains of public mail are
left out by name.

Source: PostHog/skills, posthog-customer-deep-dive (other organizations on the admins' domain).
"""

from audit.checks import Area, Audience, Count, Effort, Severity, counted

SEVERITY = Severity.INFORMATION
EFFORT = Effort.CONVERSATION
AREA = Area.LIFECYCLE
RULES = ("A30",)
AUDIENCE = Audience.TEAM
DOCS = "https://posthog.com/docs/settings/organizations"


def flag(sibling_organizations, *, siblings_count: Count = 1):
    return sibling_organizations >= siblings_count


def message(fact):
    others = counted(
        fact.sibling_organizations, "other organization has", "other organizations have"
    )
    return f"{others} admins on the same company domain."
