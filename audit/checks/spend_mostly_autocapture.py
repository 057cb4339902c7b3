"""Flag organizations whose events bill is mostly autocapture, which is not committed spend.

What it finds: at least ``autocapture_percent`` of the billed events of all projects are
autocapture, and the bill is at least ``paid_usd`` a month.

Why it costs: autocapture can be turned off in a minute, so a bill made of it says little about
what the customer wants to pay. Annual plans and forecasts built on it are too high.

What to do: talk about what the events are read for before any plan is sized; size plans on the
bill after the fixes.

Trade-off: none.

Known limits: the share is of billed events, not of dollars; autocapture that is read is
committed all the same.

Source: PostHog skills, new-business-sales/transition-leads (a forecast of 2,000 dollars that is
80 percent autocapture is not committed spend). The dollar floor is ours.
"""

from audit.checks import Area, Audience, Effort, Percent, Severity, Usd

SEVERITY = Severity.INFORMATION
EFFORT = Effort.CONVERSATION
AREA = Area.PRODUCT_ANALYTICS
RULES = ("A34",)
AUDIENCE = Audience.TEAM
DOCS = "https://posthog.com/docs/product-analytics/autocapture"


def flag(
    organization_autocapture_events,
    organization_events,
    bill_usd,
    *,
    autocapture_percent: Percent = 80,
    paid_usd: Usd = 5,
):
    mostly = 100 * organization_autocapture_events >= autocapture_percent * organization_events
    return (organization_autocapture_events > 0) & mostly & (bill_usd >= paid_usd)


def message(fact):
    share = fact.organization_autocapture_events / fact.organization_events
    return (
        f"Autocapture is {share:.0%} of {fact.organization_name}'s events, so a bill of "
        f"${fact.bill_usd:,.2f} (estimate) is not committed spend."
    )
