"""Flag organizations whose events fell suddenly.

What it finds: billed events of the last 7 days are more than ``fall_percent`` below the 7 days
before, in which at least ``events_count`` came.

Why it costs: capture may have been turned off or broken; data that is not captured is lost.

What to do: look on which day and in which project it fell, and ask whether it was meant.

Trade-off: a question about a fall that was meant costs goodwill; look at releases and limits
first.

Known limits: holidays and the end of a spike look the same, and the bill counts bots and internal
users, so that their end does too. Weeks are compared whole, so that weekdays cancel out.

Source: PostHog handbook, cs-and-onboarding/health-tracking (down more than 20 percent against the
previous 7 days). The floor on events is ours.
"""

from audit.checks import Area, Audience, Count, Effort, Percent, Severity

SEVERITY = Severity.WORTH_ATTENTION
EFFORT = Effort.CONVERSATION
AREA = Area.HEALTH
RULES = ("B09",)
AUDIENCE = Audience.TEAM
DOCS = "https://posthog.com/handbook/cs-and-onboarding/health-tracking"


def flag(
    week_decrease_percent,
    events_the_week_before,
    *,
    fall_percent: Percent = 20,
    events_count: Count = 1_000,
):
    return (week_decrease_percent > fall_percent) & (events_the_week_before >= events_count)


def message(fact):
    return (
        f"Billed events of the last 7 days are {fact.week_decrease_percent:.0f}% below the 7 days "
        f"before ({fact.events_the_week_before:,.0f} events)."
    )
