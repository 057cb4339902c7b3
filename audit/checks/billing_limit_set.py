"""Flag billing limits that somebody set, and that have dropped nothing yet.

What it finds: a limit of a product that is not the vendor's default for it, has not cut data and is
used to less than ``near_percent``; from there on ``billing_limit_cuts_data`` speaks. A limit of 0
is a limit.

Why it costs: nothing now. When it is reached, data is dropped for good; and a limit is often set
after a surprise that can be mended at its cause.

What to do: look at what drives the product's usage, mend that, and replace the limit by a
billing alert.

Trade-off: without a limit the bill can grow; an alert warns and drops nothing.

Known limits: a limit may be a budget that somebody has to keep.

Source: PostHog handbook, onboarding/metabase-account-analysis (any limit but the defaults of 500
dollars for the warehouse and 150 for AI suggests a customer who needs a cost strategy).
"""

from audit.checks import Area, Effort, Percent, Severity

SEVERITY = Severity.WORTH_ATTENTION
EFFORT = Effort.CONVERSATION
AREA = Area.BILLING
RULES = ("A26",)
DOCS = "https://posthog.com/docs/billing/limits-alerts"


def flag(
    limit_is_set,
    limit_is_default,
    data_was_cut,
    limit_used_percent,
    *,
    near_percent: Percent = 80,
):
    near_or_reached = data_was_cut | (limit_used_percent >= near_percent)
    return limit_is_set & ~limit_is_default & ~near_or_reached


def message(fact):
    return f"{fact.product_name} has a billing limit; {fact.limit_used_percent:.0f}% of it is used."
