"""Flag organizations of whose queries many fail.

What it finds: more than ``failed_percent`` of queries fail, where at least ``queries_count`` of
them were counted or the CRM gives the rate.

Why it costs: people do not get the answer they ask for, and stop asking.

What to do: find who runs into it and what the queries have in common; narrow their range, or use a
materialized view.

Trade-off: a faster query may answer a narrower question.

Known limits: cancelled queries and mistakes in hand-written SQL count as failed. The rate is of the
audited window, or of the last 7 days where only the CRM knows it; the CRM does not say of how many.

Source: PostHog handbook, cs-and-onboarding/health-tracking (above 10 percent in 7 days). The floor
on queries is ours.
"""

from audit.checks import Area, Count, Effort, Percent, Severity

SEVERITY = Severity.WORTH_ATTENTION
EFFORT = Effort.CONVERSATION
AREA = Area.PLATFORM
RULES = ("B11",)
DOCS = "https://posthog.com/docs/sql"


def flag(
    query_failure_percent,
    rated_queries,
    *,
    failed_percent: Percent = 10,
    queries_count: Count = 100,
):
    enough = (rated_queries == 0) | (rated_queries >= queries_count)
    return enough & (query_failure_percent > failed_percent)


def message(fact):
    of = f" of {fact.rated_queries:,.0f}" if fact.rated_queries else " of all"
    return f"{fact.query_failure_percent:.0f}%{of} queries fail."
