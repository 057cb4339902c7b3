"""Flag projects whose people cannot be merged, because they were already identified.

What it finds: at least ``warnings_count`` refused merges in the window: a person who already
has an id of their own was identified as somebody else.

Why it costs: one person stays several, so people are counted too high and funnels break. It also
confirms calls of identify that nobody needs, each billed as an event.

What to do: call identify once after login and reset after logout, with one id per person that
is the same on the web, in the app and on the server. The page of ingestion warnings shows which
ids collide.

Trade-off: people who are apart today stay apart; only new merges get better.

Known limits: the vendor samples these warnings, so the number is a lower bound. Two people who
share a device look the same.

Source: PostHog docs, health-checks/ingestion-warnings (an issue from 10 warnings of a type); the
handbook, onboarding/onboarding-conversations-playbook, names the warning and no number.
"""

from audit.checks import Area, Count, Effort, Severity, counted

SEVERITY = Severity.WORTH_ATTENTION
EFFORT = Effort.CODE_CHANGE
AREA = Area.INSTRUMENTATION
RULES = ("A06",)
DOCS = "https://posthog.com/docs/data/ingestion-warnings"


def flag(refused_merges, *, warnings_count: Count = 10):
    return refused_merges >= warnings_count


def message(fact):
    were = "was" if fact.refused_merges == 1 else "were"
    merges = counted(fact.refused_merges, "merge")
    return (
        f"At least {merges} of people {were} refused in {fact.project_name}, "
        "because the person was already identified."
    )
