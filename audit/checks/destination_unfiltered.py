"""Flag projects with a destination that takes every event.

What it finds: an active destination without a filter, while realtime destinations cost the
organization at least ``destinations_usd`` a month.

Why it costs: each event that reaches a destination is billed. What a filter keeps out is free.

What to do: filter the destination to the events its receiver needs.

Trade-off: the receiver no longer gets the rest.

Known limits: which events the receiver needs is not known here, so no saving is attached.

Source: PostHog docs, cdp/destinations (filtered events are not billed); 10 dollars is ours.
"""

from audit.checks import Area, Effort, Severity, Usd, counted

SEVERITY = Severity.WORTH_ATTENTION
EFFORT = Effort.SETTING
AREA = Area.CDP_AND_WORKFLOWS
RULES = ()
DOCS = "https://posthog.com/docs/cdp/destinations"


def flag(unfiltered_destinations, destinations_cost_usd, *, destinations_usd: Usd = 10):
    return (unfiltered_destinations > 0) & (destinations_cost_usd >= destinations_usd)


def message(fact):
    take = "takes" if fact.unfiltered_destinations == 1 else "take"
    return (
        f"{counted(fact.unfiltered_destinations, 'destination')} of {fact.project_name} {take} "
        f"every event; realtime destinations cost ${fact.destinations_cost_usd:,.2f} a month "
        "(estimate)."
    )
