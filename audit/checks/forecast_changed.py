"""Flag organizations whose forecast differs from what they last paid.

What it finds: the forecast of this period lies more than ``fall_percent`` below or more than
``rise_percent`` above the last bill, and the difference is at least ``change_usd``.

Why it costs: a fall is revenue about to leave; a rise is an invoice somebody may not expect.

What to do: find out which product moves and since when. A rise that is meant is an opportunity, a
rise that is not is a spike to stop before it is billed.

Trade-off: a look at the account costs time; most small changes are noise.

Known limits: the forecast is the CRM's, else the vendor's, else our estimate of the priced month;
each reads early days of a period differently. The first bill has nothing to compare with.

Source: PostHog handbook, cs-and-onboarding/health-tracking (forecasted MRR change below -10 and
above +10 percent). The dollar floor is ours.
"""

from audit.checks import Area, Audience, Effort, Percent, Severity, Usd

SEVERITY = Severity.WORTH_ATTENTION
EFFORT = Effort.CONVERSATION
AREA = Area.HEALTH
RULES = ("B08",)
AUDIENCE = Audience.TEAM
DOCS = "https://posthog.com/handbook/cs-and-onboarding/health-tracking"


def flag(
    forecasted_bill_usd,
    last_bill_usd,
    *,
    fall_percent: Percent = 10,
    rise_percent: Percent = 10,
    change_usd: Usd = 20,
):
    change = forecasted_bill_usd - last_bill_usd
    fell = -100 * change > fall_percent * last_bill_usd
    rose = 100 * change > rise_percent * last_bill_usd
    return (fell | rose) & (change.abs() >= change_usd)


def severity(forecasted_bill_usd, last_bill_usd):
    rose = forecasted_bill_usd > last_bill_usd
    return rose.map({True: Severity.OPPORTUNITY, False: Severity.WORTH_ATTENTION})


def message(fact):
    change = fact.forecasted_bill_usd - fact.last_bill_usd
    share = f" ({change / fact.last_bill_usd:+.0%})" if fact.last_bill_usd else ""
    return (
        f"The forecast of this period is ${fact.forecasted_bill_usd:,.2f} (estimate), "
        f"{'up' if change > 0 else 'down'} from ${fact.last_bill_usd:,.2f} last billed{share}."
    )
