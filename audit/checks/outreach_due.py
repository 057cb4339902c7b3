"""Flag organizations that are due their first message.

What it finds: an account in onboarding's scope that nobody wrote to, at most
``before_renewal_days`` days before its bill renews; with fewer than ``late_days`` left, or after
the renewal, it is late.

Why it costs: a change takes days to be read, agreed and released; after the renewal another month
is billed as before.

What to do: send the first message with what the audit found.

Trade-off: none.

Known limits: where the CRM names no renewal to come, it is the end of the billing period. A message
that nobody recorded counts as not sent.

Source: PostHog handbook, onboarding team page, mid 2025 (about 14 days before the bill renews);
onboarding/onboarding-tracking, March 2025 (at least 7 days).
"""

from audit.checks import Area, Audience, Days, Effort, Severity, counted

SEVERITY = Severity.WORTH_ATTENTION
EFFORT = Effort.CONVERSATION
AREA = Area.LIFECYCLE
RULES = ("C04",)
AUDIENCE = Audience.TEAM
DOCS = "https://posthog.com/handbook/onboarding/onboarding-tracking"


def flag(
    is_in_scope,
    was_contacted,
    stage_is_terminal,
    days_until_renewal,
    *,
    before_renewal_days: Days = 14,
):
    waits = is_in_scope & ~was_contacted & ~stage_is_terminal
    return waits & (days_until_renewal <= before_renewal_days)


def severity(days_until_renewal, *, late_days: Days = 7):
    late = days_until_renewal < late_days
    return late.map({True: Severity.NEEDS_ACTION, False: Severity.WORTH_ATTENTION})


def message(fact):
    days = fact.days_until_renewal
    when = "renews today"
    if days:
        left = counted(abs(days), "day")
        when = f"renews in {left}" if days > 0 else f"renewed {left} ago"
    assumed = ", by the end of the billing period" if fact.renewal_is_assumed else ""
    return f"The bill {when}{assumed}, and nobody wrote to {fact.organization_name}."
