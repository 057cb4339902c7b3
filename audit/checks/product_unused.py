"""Flag products that an organization pays for and nobody uses.

What it finds: a product costs at least ``paid_usd`` a month, and in the window no member of the
organization looked at it (for feature flags: no flag is in use, all are stale or off; for product
analytics: no export, destination or experiment reads its events either).

Why it costs: ingestion is billed, whether or not anybody looks.

What to do: turn the product off, or show the team what it gives. First find out which of the
three it is: not needed, not adopted yet, or broken.

Trade-off: without ingestion there is no history when the product is wanted again.

Known limits: data read only through exports or the API counts as unused. The saving assumes
that the product is turned off everywhere; add-ons that would go with it are not counted.

Source: PostHog handbook, onboarding team ("pay for products you don't use") and
cs-and-onboarding/cost-optimization-reviews (three explanations). The dollar floor is ours.
"""

from audit.checks import Area, Effort, Severity, Usd

SEVERITY = Severity.NEEDS_ACTION
EFFORT = Effort.CONVERSATION
AREA = Area.PLATFORM
RULES = ("A29",)
DOCS = "https://posthog.com/docs/billing/common-questions"

#: Products people look at. Add-ons and packages have checks of their own or nothing to look at.
PRODUCTS = (
    "product_analytics",
    "session_replay",
    "mobile_replay",
    "feature_flags",
    "surveys",
    "error_tracking",
    "llm_analytics",
    "data_warehouse",
    "logs",
)


def flag(product_cost_usd, product_users, *, paid_usd: Usd = 5):
    return (product_cost_usd >= paid_usd) & (product_users == 0)


def cut(meter):
    # The engine hands over only the rows of the product that was flagged.
    return meter.notna()


def message(fact):
    return f"{fact.product_name} costs money every month and nobody used it in the window."
