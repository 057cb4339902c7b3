"""Flag organizations that still have the legacy discount of 30 percent.

What it finds: a standing discount of exactly ``legacy_percent`` on the bill.

Why it costs: nothing to the customer. The discount belongs to prices that are no longer sold.

What to do: note it, and move the account to standard prices when a contract is talked about.

Trade-off: the customer's list price goes up; a prepaid plan may make up for it.

Known limits: a discount of that size may have been agreed for another reason.

Source: PostHog handbook, growth/sales/contract-rules (legacy 30 percent discount: migrate).
"""

from audit.checks import Area, Audience, Effort, Percent, Severity

SEVERITY = Severity.INFORMATION
EFFORT = Effort.CONVERSATION
AREA = Area.BILLING
RULES = ("A23",)
AUDIENCE = Audience.TEAM
DOCS = "https://posthog.com/handbook/growth/sales/contract-rules"


def flag(discount_percent, *, legacy_percent: Percent = 30):
    return discount_percent == legacy_percent


def message(fact):
    return f"A standing discount of {fact.discount_percent:g}% is on the bill."
