"""Flag organizations whose next invoice will be far above their usual one.

What it finds: the forecast is at least ``usual_ratio`` times the mean of the last three paid
invoices, or ``above_usd`` or more above it; and it is at least ``invoice_usd``.

Why it costs: an invoice nobody expects is disputed, refunded or not paid.

What to do: say so before the renewal, with the product that grew and the one change that helps.

Trade-off: none before the invoice; afterwards only a refund helps.

Known limits: with fewer than three paid invoices the mean is of those there are; without any there
is nothing to compare with. Invoices of a year are left out.

Source: ours (the handbook names an alert for upcoming large invoices and no number:
onboarding/onboarding-tracking): twice the mean of three invoices, or 500 dollars above it.
"""

from audit.checks import Area, Effort, Ratio, Severity, Usd

SEVERITY = Severity.NEEDS_ACTION
EFFORT = Effort.CONVERSATION
AREA = Area.BILLING
RULES = ("B20",)
DOCS = "https://posthog.com/docs/billing/estimating-usage-costs"


def flag(
    forecasted_bill_usd,
    mean_paid_invoice_usd,
    *,
    usual_ratio: Ratio = 2,
    above_usd: Usd = 500,
    invoice_usd: Usd = 50,
):
    twice = forecasted_bill_usd >= usual_ratio * mean_paid_invoice_usd
    above = forecasted_bill_usd - mean_paid_invoice_usd >= above_usd
    return (twice | above) & (forecasted_bill_usd >= invoice_usd)


def message(fact):
    return (
        f"The next invoice is forecast at ${fact.forecasted_bill_usd:,.2f} (estimate); the last "
        f"ones were ${fact.mean_paid_invoice_usd:,.2f} on average (actual)."
    )
