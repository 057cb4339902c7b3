"""Flag projects with many people and no cohort.

What it finds: at least ``people_count`` people in the window, bots and internal users left out, and
no active cohort.

Why it costs: nothing; cohorts are not billed. Without them every insight speaks of everybody at
once, and flags and surveys cannot be aimed at a group.

What to do: save two or three groups the team talks about, such as new, active and paying users,
and compare insights by them.

Trade-off: none; a cohort by behaviour is calculated once a day.

Known limits: filters inside single insights do the same job and are not counted.

Source: PostHog handbook, cs-and-onboarding/foundation-check (cohorts are part of a foundation);
it gives no number, so 1,000 people is ours.
"""

from audit.checks import Area, Count, Effort, Severity

SEVERITY = Severity.OPPORTUNITY
EFFORT = Effort.SETTING
AREA = Area.COHORTS
RULES = ()
DOCS = "https://posthog.com/docs/data/cohorts"


def flag(behaviour_people, active_cohorts, *, people_count: Count = 1_000):
    many = (behaviour_people > 0) & (behaviour_people >= people_count)
    return many & (active_cohorts == 0)


def message(fact):
    return f"{fact.project_name} has {fact.behaviour_people:,} people in the window and no cohort."
