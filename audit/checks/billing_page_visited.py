"""Flag organizations whose people keep looking at the billing page.

What it finds: more than ``visits_count`` visits to the billing page in the last 7 days.

Why it costs: nothing yet. It says that somebody thinks about the bill, and may cut or leave.

What to do: offer help with understanding or lowering the bill, with the findings at hand.

Trade-off: a mail about cost to somebody who only fetched an invoice can start the question.

Known limits: the CRM counts visits, not reasons. A visit after one's own mail about the bill is
no sign.

Source: PostHog handbook, cs-and-onboarding/health-tracking (more than 1 visit in 7 days).
"""

from audit.checks import Area, Audience, Count, Effort, Severity, counted

SEVERITY = Severity.WORTH_ATTENTION
EFFORT = Effort.CONVERSATION
AREA = Area.HEALTH
RULES = ("B10",)
AUDIENCE = Audience.TEAM
DOCS = "https://posthog.com/handbook/cs-and-onboarding/health-tracking"


def flag(billing_page_visits_7_days, *, visits_count: Count = 1):
    return billing_page_visits_7_days > visits_count


def message(fact):
    return (
        f"The billing page was visited {counted(fact.billing_page_visits_7_days, 'time')} in the "
        "last 7 days."
    )
