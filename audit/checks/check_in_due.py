"""Flag organizations that are due their extra check-in.

What it finds: a forecast of ``forecast_usd`` or more, ``from_days`` to ``to_days`` days after the
first message (or the CRM's status asks for it), no check-in made yet and no end of onboarding
reached.

Why it costs: nothing by itself; larger accounts that hear nothing for a month stay as they are.

What to do: write something new, never the first message again.

Trade-off: none.

Known limits: a check-in that nobody recorded counts as not made. Once the days are over, only the
CRM's status asks for it.

Source: PostHog handbook, onboarding/onboarding-tracking (check-in of accounts of 500 dollars and
more, day 15 to 21). Not in force before 2026.
"""

from audit.checks import Area, Audience, Days, Effort, Severity, Usd, counted

SEVERITY = Severity.WORTH_ATTENTION
EFFORT = Effort.CONVERSATION
AREA = Area.LIFECYCLE
RULES = ("C05",)
AUDIENCE = Audience.TEAM
DOCS = "https://posthog.com/handbook/onboarding/onboarding-tracking"


def flag(
    forecasted_bill_usd,
    days_since_first_outreach,
    check_in_was_made,
    check_in_is_asked,
    stage_is_terminal,
    *,
    forecast_usd: Usd = 500,
    from_days: Days = 15,
    to_days: Days = 21,
):
    its_time = days_since_first_outreach.between(from_days, to_days) | check_in_is_asked
    open_still = ~check_in_was_made & ~stage_is_terminal
    return its_time & open_still & (forecasted_bill_usd >= forecast_usd)


def message(fact):
    days = fact.days_since_first_outreach
    asked = " The CRM's status asks for it." if fact.check_in_is_asked else ""
    since = "has no first message on record"
    if days >= 0:
        since = f"was written to {counted(days, 'day')} ago"
    return f"{fact.organization_name} {since} and is due its check-in.{asked}"
