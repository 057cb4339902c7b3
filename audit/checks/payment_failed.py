"""Flag organizations whose payment failed.

What it finds: an open invoice whose automatic charge failed; where no invoices were read, a failed
payment that the CRM dates within the last ``failed_days``.

Why it costs: after four attempts the vendor stops, suspends access and cancels; data stops with it.

What to do: reach whoever pays, and set the payment risk in the CRM. With nobody in charge and
``escalate_usd`` or more due, or after ``attempts_count`` attempts, it is urgent.

Trade-off: none.

Known limits: an invoice that is charged at this moment looks like a failed one for seconds. The
CRM's date may be of a payment that has gone through since.

Source: PostHog handbook, growth/revops/billing (4 attempts; 1,500 dollars unmanaged) and
cs-and-onboarding/health-tracking (any failed payment). The age of the CRM's date is ours.
"""

from audit.checks import Area, Audience, Count, Days, Effort, Severity, Usd

SEVERITY = Severity.WORTH_ATTENTION
EFFORT = Effort.CONVERSATION
AREA = Area.BILLING
RULES = ("B16",)
AUDIENCE = Audience.TEAM
DOCS = "https://posthog.com/handbook/growth/revops/billing"


def flag(failed_payments, failed_payment_days, *, failed_days: Days = 30):
    return (failed_payments > 0) & (failed_payment_days <= failed_days)


def severity(
    failed_invoices_usd,
    charge_attempts,
    is_unmanaged,
    *,
    escalate_usd: Usd = 1_500,
    attempts_count: Count = 4,
):
    # What was not read is 0 or false here, which escalates nothing.
    large = is_unmanaged & (failed_invoices_usd >= escalate_usd)
    urgent = large | (charge_attempts >= attempts_count)
    return urgent.map({True: Severity.NEEDS_ACTION, False: Severity.WORTH_ATTENTION})


def message(fact):
    if not fact.failed_invoices:
        days = f"{fact.failed_payment_days:.0f} days"
        return f"A payment failed {'1 day' if days == '1 days' else days} ago, as the CRM says."
    invoices = "An open invoice" if fact.failed_invoices == 1 else "Open invoices"
    due = f"${fact.failed_invoices_usd:,.2f} (actual)"
    return f"{invoices} over {due} could not be charged. Attempts: {fact.charge_attempts:.0f}."
