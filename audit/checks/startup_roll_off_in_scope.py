"""Flag startups that onboarding works on although they pay little or nothing yet.

What it finds: the startup plan or its credit ends within ``before_end_days`` or ended within
``after_end_days``, and the bill forecast is from ``bill_from_usd`` to ``bill_to_usd``; or the
startup uses more than ``credit_use_usd`` of credit a month; or it is marked as a startup the team
wants to work with whatever it pays.

Why it costs: the first real invoice is a surprise to whoever never saw one.

What to do: say what the invoice will be, and trim what it need not hold.

Trade-off: none.

Known limits: credit used in a month is what the last 30 days would cost. Where no end of the
plan is known, only use and the mark count. With a bill above the range, the rule for paying
customers applies once the plan has ended.

Source: PostHog handbook, onboarding team page, mid 2025, and onboarding/onboarding-team (first bill
of 500 to 1,500 dollars, credit use over about 1,500); before the end from
growth/sales/communications-templates-startup-plan-rolloff (one month). After the end is ours.
"""

from audit.checks import Area, Audience, Days, Effort, Severity, Usd, counted

SEVERITY = Severity.INFORMATION
EFFORT = Effort.CONVERSATION
AREA = Area.LIFECYCLE
RULES = ("C02",)
AUDIENCE = Audience.TEAM
DOCS = "https://posthog.com/handbook/onboarding/onboarding-team"


#: An end further away is not told.
TOLD_WITHIN_DAYS = 366


def flag(
    on_startup_plan,
    days_until_startup_end,
    forecasted_bill_usd,
    startup_use_usd,
    is_hype_startup,
    *,
    bill_from_usd: Usd = 500,
    bill_to_usd: Usd = 1_500,
    credit_use_usd: Usd = 1_500,
    before_end_days: Days = 30,
    after_end_days: Days = 61,
):
    rolls_off = days_until_startup_end.between(-after_end_days, before_end_days)
    in_range = forecasted_bill_usd.between(bill_from_usd, bill_to_usd)
    return (
        (rolls_off & in_range)
        | (on_startup_plan & (startup_use_usd > credit_use_usd))
        | is_hype_startup
    )


def message(fact):
    if fact.is_hype_startup:
        return f"{fact.organization_name} is a startup the team wants to work with."
    end = fact.days_until_startup_end
    uses = f"uses ${fact.startup_use_usd:,.2f} of credit a month (estimate)"
    if abs(end) > TOLD_WITHIN_DAYS:
        return f"{fact.organization_name} is on the startup plan and {uses}."
    when = f"ended {counted(-end, 'day')} ago" if end < 0 else f"ends in {counted(end, 'day')}"
    return (
        f"The startup plan of {fact.organization_name} {when}, and "
        f"${fact.forecasted_bill_usd:,.2f} are forecast (estimate)."
    )
