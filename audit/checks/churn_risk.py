"""Flag organizations that may leave.

What it finds: any of these: the customer looks at alternatives; its champion left; it asked for all
its data; a payment failed ``unanswered_days`` or more ago and no conversation is open; health was
poor for ``poor_weeks_count`` weeks or more; the contract renews in under ``renewal_days`` while it
complains of the price or has more than ``urgent_count`` urgent tickets.

Why it costs: the whole account.

What to do: set the churn-risk tag with a note, and offer a call within 48 hours. Pause everything
commercial; listen first.

Trade-off: a tag too early is removed more easily than a customer is won back.

Known limits: what nobody wrote into the CRM is not seen, and counts as no sign. A drop in usage is
a finding of its own (usage_dropped), so that neither hides when the other is not known. Whether
the product is the source of truth no data tells.

Source: PostHog handbook, growth/sales/risk-mitigation-and-churn-prevention. The days until a
payment counts as unanswered are ours.
"""

from audit.checks import Area, Audience, Count, Days, Effort, Severity

SEVERITY = Severity.NEEDS_ACTION
EFFORT = Effort.CONVERSATION
AREA = Area.HEALTH
RULES = ()
AUDIENCE = Audience.TEAM
DOCS = "https://posthog.com/handbook/growth/sales/risk-mitigation-and-churn-prevention"


def flag(
    evaluates_alternatives,
    champion_has_left,
    export_was_requested,
    crm_payment_failed,
    days_since_payment_failed,
    has_open_conversation,
    health_poor_weeks,
    renews_in_days,
    complains_of_price,
    noted_urgent_tickets,
    *,
    unanswered_days: Days = 7,
    poor_weeks_count: Count = 4,
    renewal_days: Days = 90,
    urgent_count: Count = 2,
):
    silent = crm_payment_failed & ~has_open_conversation
    unpaid = silent & (days_since_payment_failed >= unanswered_days)
    unhappy = complains_of_price | (noted_urgent_tickets > urgent_count)
    renewal = (renews_in_days < renewal_days) & unhappy
    said = evaluates_alternatives | champion_has_left | export_was_requested
    return said | unpaid | (health_poor_weeks >= poor_weeks_count) | renewal


def message(fact):
    signs = [
        (fact.evaluates_alternatives, "it looks at alternatives"),
        (fact.champion_has_left, "its champion left"),
        (fact.export_was_requested, "it asked for all its data"),
        (fact.crm_payment_failed, f"days since a payment failed: {fact.days_since_payment_failed}"),
        (fact.health_poor_weeks, f"weeks of poor health: {fact.health_poor_weeks}"),
        (fact.complains_of_price, "it complains of the price"),
        (fact.noted_urgent_tickets, f"urgent tickets: {fact.noted_urgent_tickets}"),
    ]
    return f"Signs of leaving: {'; '.join(words for is_given, words in signs if is_given)}."
