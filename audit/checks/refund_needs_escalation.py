"""Flag organizations whose newest bill RevOps decides about, should it be given back.

What it finds: the newest invoice was issued at most ``window_days`` ago and is more than
``usual_ratio`` times the mean of the three before it, or the first; and a usual month costs
``monthly_usd`` or more, or there were ``multiple_count`` or more refunds before.

Why it costs: a refund that the wrong person promised is taken back, or booked wrongly.

What to do: promise nothing. Send RevOps what you checked and what you would do.

Trade-off: an answer takes longer.

Known limits: what a usual month costs is the CRM's word, else the mean of earlier invoices, else
our estimate of the priced month. Connected accounts, notices in Stripe and whether an invoice must
be changed are not seen.

Source: PostHog handbook, growth/sales/refunds (when to escalate to RevOps: 1,667 dollars a month,
multiple refunds lately). How far above the usual bill it lies is ours.
"""

from typing import Any

from audit.checks import Area, Audience, Count, Days, Effort, Ratio, Severity, Usd, counted

SEVERITY = Severity.WORTH_ATTENTION
EFFORT = Effort.CONVERSATION
AREA = Area.BILLING
RULES = ("B07",)
AUDIENCE = Audience.TEAM
DOCS = "https://posthog.com/handbook/growth/sales/refunds"


def flag(
    usual_spend_usd,
    earlier_refunds,
    days_since_billing,
    newest_invoice_usd,
    usual_invoice_usd,
    *,
    monthly_usd: Usd = 1_667,
    multiple_count: Count = 2,
    window_days: Days = 30,
    usual_ratio: Ratio = 3,
):
    large = newest_invoice_usd > usual_ratio * usual_invoice_usd
    asks = large & (days_since_billing <= window_days)
    return asks & (
        is_big(usual_spend_usd, monthly_usd) | is_multiple(earlier_refunds, multiple_count)
    )


def is_big(usual_spend_usd: Any, monthly_usd: Any) -> Any:
    """A customer whose refunds RevOps decides."""
    return usual_spend_usd >= monthly_usd


def is_multiple(earlier_refunds: Any, multiple_count: Any) -> Any:
    """More refunds than a simple case has."""
    return earlier_refunds >= multiple_count


def message(fact):
    given = counted(fact.earlier_refunds, "refund was", "refunds were")
    return (
        f"A refund of {fact.organization_name}'s newest bill is for RevOps: a usual month costs "
        f"${fact.usual_spend_usd:,.2f}, and {given} given."
    )
