"""Flag organizations whose newest bill is far above their usual one and can still be given back.

What it finds: the newest invoice was issued at most ``window_days`` ago, is above
``first_bill_usd``, and more than ``usual_ratio`` times the mean of the three before it; a first
one has no usual one and is enough.

Why it costs: a refund can be asked for within the window only; afterwards the customer keeps the
bill, and often leaves.

What to do: look at what drove it before they ask. ``audit refund`` decides rule by rule.

Trade-off: none.

Known limits: a bill that grew is not yet an accident, and one that grew less may hold one in a
single product. Where the day of issue is not known, the end of the period stands in for it.

Source: PostHog handbook, growth/sales/refunds (within 30 days of the billing date). How far above
the usual bill it lies is ours.
"""

from typing import Any

from audit.checks import Area, Audience, Days, Effort, Ratio, Severity, Usd, counted

SEVERITY = Severity.WORTH_ATTENTION
EFFORT = Effort.CONVERSATION
AREA = Area.BILLING
RULES = ("B05",)
AUDIENCE = Audience.TEAM
DOCS = "https://posthog.com/handbook/growth/sales/refunds"


def flag(
    days_since_billing,
    newest_invoice_usd,
    usual_invoice_usd,
    *,
    window_days: Days = 30,
    first_bill_usd: Usd = 1,
    usual_ratio: Ratio = 3,
):
    large = newest_invoice_usd > usual_ratio * usual_invoice_usd
    open_still = in_time(days_since_billing, window_days)
    return open_still & large & (newest_invoice_usd > first_bill_usd)


def in_time(days_since_billing: Any, window_days: Any) -> Any:
    """The window is still open."""
    return days_since_billing <= window_days


def message(fact):
    times = f"{fact.times_usual_invoice:,.1f} times the usual one"
    return (
        f"The newest bill, ${fact.newest_invoice_usd:,.2f} (actual) "
        f"{counted(fact.days_since_billing, 'day')} ago, is "
        f"{times if fact.times_usual_invoice else 'the first'}; it can still be given back."
    )
