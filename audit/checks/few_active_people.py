"""Flag organizations that hang on one or two people.

What it finds: fewer than ``people_count`` people use any feature.

Why it costs: when one of them leaves or loses interest, nobody is left who would miss the product.

What to do: offer training or an introduction to a second team; show what others could read.

Trade-off: more people bring more questions.

Known limits: people are counted for the product that most of them use, so that there may be more;
answers from the cache leave no trace. A company of one person has one user.

Source: PostHog handbook, cs-and-onboarding/health-tracking (fewer than 3 is poor) and
growth/sales/risk-mitigation-and-churn-prevention (1 or 2 active users).
"""

from audit.checks import Area, Audience, Count, Effort, Severity

SEVERITY = Severity.WORTH_ATTENTION
EFFORT = Effort.CONVERSATION
AREA = Area.HEALTH
RULES = ("B17",)
AUDIENCE = Audience.TEAM
DOCS = "https://posthog.com/handbook/cs-and-onboarding/health-tracking"


def flag(users_engaging, *, people_count: Count = 3):
    return users_engaging < people_count


def message(fact):
    people = {0: "Nobody uses", 1: "One person uses"}.get(
        fact.users_engaging, f"{fact.users_engaging:,.0f} people use"
    )
    return f"{people} any feature."
