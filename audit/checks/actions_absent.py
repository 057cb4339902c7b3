"""Flag projects that send many events and saved nothing to read them with.

What it finds: at least ``events_count`` billed events a billing month, and neither an action nor
a saved insight.

Why it costs: the events are billed whether or not anybody asks them anything.

What to do: save the three questions the team asks most as insights on one dashboard, and name
the events behind them as actions.

Trade-off: none.

Known limits: questions asked over the API, exports or in SQL that is not saved leave nothing in
the project.

Source: PostHog handbook, cs-and-onboarding/foundation-check (actions and own dashboards); it
gives no number, so 100,000 events is ours.
"""

from audit.checks import BILLING_MONTH_DAYS, Area, Count, Effort, Severity

SEVERITY = Severity.OPPORTUNITY
EFFORT = Effort.SETTING
AREA = Area.PRODUCT_ANALYTICS
RULES = ()
DOCS = "https://posthog.com/docs/data/actions"


def flag(events, event_days, actions, insights, *, events_count: Count = 100_000):
    many = events * BILLING_MONTH_DAYS >= events_count * event_days
    return (events > 0) & many & (actions == 0) & (insights == 0)


def message(fact):
    return (
        f"{fact.project_name} sent {fact.events:,} events and has no action and no saved insight."
    )
