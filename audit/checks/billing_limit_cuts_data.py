"""Flag billing limits that drop data, or are about to.

What it finds: data was cut this period because of a limit, or at least ``near_percent`` of a
limit is used. The vendor's default limits (data warehouse 500 dollars, AI 150 dollars) say
nothing until they are reached.

Why it costs: data past a limit is dropped and cannot be restored; a limit hides a cause that
can usually be fixed.

What to do: find what drives the usage and fix that; then raise or remove the limit before it
cuts data.

Trade-off: without the limit the bill can grow; an alert warns without dropping data.

Known limits: how near a limit is, is judged on the amount billed so far this period.

Source: PostHog handbook, onboarding/metabase-account-analysis; docs, billing/limits-alerts (80
and 100 percent).
"""

from audit.checks import Area, Effort, Percent, Severity

SEVERITY = Severity.WORTH_ATTENTION
EFFORT = Effort.CONVERSATION
AREA = Area.BILLING
RULES = ("A26", "A27")
DOCS = "https://posthog.com/docs/billing/limits-alerts"

REACHED_PERCENT = 100


def flag(data_was_cut, limit_is_default, limit_used_percent, *, near_percent: Percent = 80):
    reached = data_was_cut | (limit_used_percent >= REACHED_PERCENT)
    return reached | (~limit_is_default & (limit_used_percent >= near_percent))


def severity(data_was_cut, limit_used_percent):
    urgent = data_was_cut | (limit_used_percent >= REACHED_PERCENT)
    return urgent.map({True: Severity.NEEDS_ACTION, False: Severity.WORTH_ATTENTION})


def message(fact):
    if fact.data_was_cut:
        return f"The billing limit of {fact.product_name} dropped data this period."
    return f"{fact.limit_used_percent:.0f}% of the billing limit of {fact.product_name} is used."
