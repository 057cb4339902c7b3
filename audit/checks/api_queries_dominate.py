"""Flag projects whose queries are made by programs rather than by people.

What it finds: at least ``api_queries_count`` queries by the API a billing month, and at least
``api_ratio`` times as many as people made in the app.

Why it costs: nothing on the bill. Polling runs into rate limits, and slows the queries people
wait for.

What to do: find the program that polls; let it ask less often, or have the data sent by a batch
export or a webhook.

Trade-off: data arrives later.

Known limits: a product that shows its own customers charts made here has many by design.

Source: PostHog handbook, onboarding/onboarding-conversations-playbook (a spike of API queries is
automation polling); 10,000 queries and ten times are ours.
"""

from audit.checks import BILLING_MONTH_DAYS, Area, Count, Effort, Ratio, Severity, counted

SEVERITY = Severity.WORTH_ATTENTION
EFFORT = Effort.CODE_CHANGE
AREA = Area.PLATFORM
RULES = ()
DOCS = "https://posthog.com/docs/api/queries"


def flag(
    api_queries,
    app_queries,
    query_days,
    *,
    api_queries_count: Count = 10_000,
    api_ratio: Ratio = 10,
):
    many = api_queries * BILLING_MONTH_DAYS >= api_queries_count * query_days
    return (api_queries > 0) & many & (api_queries >= api_ratio * app_queries)


def message(fact):
    asked = counted(fact.api_queries, "query", "queries")
    return f"Programs made {asked} in {fact.project_name}, people {fact.app_queries:,.0f}."
