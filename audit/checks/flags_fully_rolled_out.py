"""Flag projects with flags that have been on for everybody for a month or more.

What it finds: a flag rolled out to 100 percent and not changed for more than
``rolled_out_days``.

Why it costs: nothing on the bill by itself. A flag that decides nothing is a branch in the code
that nobody needs.

What to do: ship it: take the check out of the code, then archive the flag.

Trade-off: without the flag the feature cannot be turned off without a release. Keep those that
are meant as an emergency switch.

Known limits: the day it reached 100 percent is not known; the day of its last change is.

Source: PostHog handbook, onboarding/onboarding-conversations-playbook (100 percent for 30 days).
"""

from audit.checks import Area, Days, Effort, Severity, counted

SEVERITY = Severity.WORTH_ATTENTION
EFFORT = Effort.CODE_CHANGE
AREA = Area.FEATURE_FLAGS
RULES = ("A21",)
DOCS = "https://posthog.com/docs/feature-flags"


def flag(oldest_full_rollout_days, fully_rolled_out_flags, *, rolled_out_days: Days = 30):
    return (fully_rolled_out_flags > 0) & (oldest_full_rollout_days > rolled_out_days)


def message(fact):
    days = counted(fact.oldest_full_rollout_days, "day")
    if fact.fully_rolled_out_flags == 1:
        return f"A flag of {fact.project_name} has been on for everybody for {days}."
    return (
        f"{fact.fully_rolled_out_flags:,.0f} flags of {fact.project_name} are on for everybody, "
        f"the oldest for {days}."
    )
