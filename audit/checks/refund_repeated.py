"""Flag organizations that were refunded before, so that another refund follows other rules.

What it finds: ``repeat_count`` or more earlier refunds. From ``declined_count`` on another one may
be declined, which is worth attention.

Why it costs: a cause that was paid back and not fixed comes back with the next bill.

What to do: see whether the earlier advice was followed. Not fixed: a window to fix it and a part
of the amount. Fixed in good faith: all or a part. Always warn that it may not be refunded again.

Trade-off: none.

Known limits: refunds are those the CRM counts or credit notes on invoices show; a credit on the
balance leaves no trace here.

Source: PostHog handbook, growth/sales/refunds (repeat incidents: second conditional, third and
beyond may be declined).
"""

from typing import Any

from audit.checks import Area, Audience, Count, Effort, Severity

SEVERITY = Severity.INFORMATION
EFFORT = Effort.CONVERSATION
AREA = Area.BILLING
RULES = ("B06",)
AUDIENCE = Audience.TEAM
DOCS = "https://posthog.com/handbook/growth/sales/refunds"


def flag(earlier_refunds, *, repeat_count: Count = 1):
    return earlier_refunds >= repeat_count


def severity(earlier_refunds, *, declined_count: Count = 2):
    declined = is_declinable(earlier_refunds, declined_count)
    return declined.map({True: Severity.WORTH_ATTENTION, False: Severity.INFORMATION})


def is_declinable(earlier_refunds: Any, declined_count: Any) -> Any:
    """Another one may be declined."""
    return earlier_refunds >= declined_count


def message(fact):
    if fact.earlier_refunds == 1:
        return f"{fact.organization_name} was refunded once before."
    return f"{fact.organization_name} was refunded {fact.earlier_refunds:,.0f} times before."
