"""Flag organizations whose first bill may be given back when they ask.

What it finds: the newest bill, or the forecast where none was sent yet, is above
``first_bill_usd``, and no bill before it was.

Why it costs: a first bill nobody expected is the moment a new customer leaves. It is refunded or
credited under "learning curve" when somebody asks within the window.

What to do: write before the bill is final: what drives it and one change that lowers it. A credit
before the invoice is easier than a refund after it. ``audit refund`` works out the amount.

Trade-off: what is given back once is policy; what is given back twice is a habit.

Known limits: every new paying customer has a first bill; whether it was an accident is for a
person to say. Invoices of a year are left out.

Source: PostHog handbook, growth/sales/refunds (learning curve: first bill above 1 dollar).
"""

from audit.checks import Area, Audience, Effort, Severity, Usd

SEVERITY = Severity.INFORMATION
EFFORT = Effort.CONVERSATION
AREA = Area.BILLING
RULES = ("B02",)
AUDIENCE = Audience.TEAM
DOCS = "https://posthog.com/handbook/growth/sales/refunds"


def flag(newest_bill_usd, largest_earlier_invoice_usd, *, first_bill_usd: Usd = 1):
    return (newest_bill_usd > first_bill_usd) & (largest_earlier_invoice_usd <= first_bill_usd)


def message(fact):
    kind = "was invoiced (actual)" if fact.invoices_sent else "is forecast (estimate)"
    return (
        f"{fact.organization_name}'s first bill, ${fact.newest_bill_usd:,.2f}, {kind}; it may be "
        "given back once."
    )
