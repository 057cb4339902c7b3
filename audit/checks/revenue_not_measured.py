"""Flag organizations whose events and tables say nothing of money.

What it finds: at least ``events_count`` billed events a billing month, none of them named after
money (paid, purchase, order, invoice, subscription, payment, checkout, revenue, refund,
transaction, commission), and no synced warehouse table named so.

Why it costs: what a feature or a channel earns cannot be told, so it is judged by clicks.

What to do: send one event when somebody pays, with the amount as a property, or connect the
payment provider as a warehouse source; then turn on revenue analytics.

Trade-off: one more event for each payment, or rows synced from the payment provider.

Known limits: names in other languages or of another kind are not recognised, and a product
that earns nothing has nothing to measure.

Source: PostHog docs, revenue-analytics (events or a payment platform); the words and the volume
are ours.
"""

from audit.checks import BILLING_MONTH_DAYS, Area, Count, Effort, Severity

SEVERITY = Severity.OPPORTUNITY
EFFORT = Effort.CODE_CHANGE
AREA = Area.REVENUE
RULES = ()
DOCS = "https://posthog.com/docs/revenue-analytics/capture-revenue-events"


def flag(
    revenue_events,
    organization_events,
    organization_event_days,
    revenue_tables,
    *,
    events_count: Count = 10_000,
):
    many = organization_events * BILLING_MONTH_DAYS >= events_count * organization_event_days
    silent = (revenue_events == 0) & (revenue_tables == 0)
    return silent & many & (organization_events > 0)


def message(fact):
    return (
        f"None of {fact.organization_name}'s {fact.organization_events:,} events is named after "
        "money, and no synced table is."
    )
