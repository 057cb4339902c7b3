"""Flag organizations in poor health by the published score.

What it finds: the health score, as an approximation from what is known, is below ``poor_score``.

Why it costs: poor health comes before leaving.

What to do: `audit health` lists each measure with what it contributes; start with what costs most.

Trade-off: a score sums up; two accounts with one score can have nothing in common.

Known limits: the page gives weights and bands, and neither points nor the split inside a component,
so that this is an approximation: the vendor's own number differs. Below half of the weight no
score is given and this is not evaluated. Customers often do not need a meeting to be well.

Source: PostHog handbook, cs-and-onboarding/health-tracking (components, weights, bands); PostHog/
skills, customer-success/workload-analysis (below 4 is a high risk). Points and split are ours.
"""

from audit.checks import Area, Audience, Effort, Score, Severity

SEVERITY = Severity.INFORMATION
EFFORT = Effort.CONVERSATION
AREA = Area.HEALTH
RULES = ("B19",)
AUDIENCE = Audience.TEAM
DOCS = "https://posthog.com/handbook/cs-and-onboarding/health-tracking"


def flag(health_score, *, poor_score: Score = 4):
    return health_score < poor_score


def message(fact):
    return (
        f"Health is {fact.health_score:.1f} of 10, an approximation from "
        f"{fact.health_coverage_percent:.0f}% of the published weight."
    )
