"""Flag organizations that did not act on a recommendation.

What it finds: a recommendation sent ``after_days`` days ago or earlier, not marked as followed, and
findings that would still save money.

Why it costs: each month until then is billed as before; it is also an early sign of leaving.

What to do: nudge with something new, or ask what is in the way.

Trade-off: none.

Known limits: which recommendation was sent is not known; any finding that saves money counts as
open. Once an account has left onboarding nobody is asked to nudge it.

Source: PostHog handbook, growth/sales/risk-mitigation-and-churn-prevention (not actioned for two
weeks or more).
"""

from audit.checks import Area, Audience, Days, Effort, Severity

SEVERITY = Severity.WORTH_ATTENTION
EFFORT = Effort.CONVERSATION
AREA = Area.LIFECYCLE
RULES = ("C18",)
AUDIENCE = Audience.TEAM
DOCS = "https://posthog.com/handbook/growth/sales/risk-mitigation-and-churn-prevention"


def flag(
    days_since_advised,
    advice_was_followed,
    findings_with_saving,
    stage_is_churned,
    *,
    after_days: Days = 14,
):
    waits = ~advice_was_followed & ~stage_is_churned & (findings_with_saving > 0)
    return waits & (days_since_advised >= after_days)


def message(fact):
    return (
        f"{fact.organization_name} was sent a recommendation {fact.days_since_advised:.0f} days "
        f"ago; findings still save ${fact.joint_saving_usd:,.2f} a month (estimate)."
    )
