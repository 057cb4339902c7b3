"""Flag projects that pay for dead clicks and rage clicks nobody reads.

What it finds: ``$dead_click`` and ``$rageclick`` together at or above ``dead_click_percent`` of a
project's billed events, or worth ``at_stake_usd`` a month, where nothing the project saved names
them; one that is named does not count.

Why it costs: each is billed as an event, on top of the click that autocapture sends anyway.

What to do: turn dead clicks off in the project's settings and rage clicks in the web library, or
save an insight on them and read it: they show where an interface fails.

Trade-off: clicks that lead nowhere can no longer be found, nor recordings filtered by them.

Known limits: who finds recordings by rage clicks reads them without saving anything, and counts
as nobody.

Source: ours; the vendor captures and bills these events (docs, product-analytics/autocapture)
and names no share. 5 percent and 10 dollars are ours.
"""

from audit.checks import EVENT_METERS, Area, Effort, Percent, Severity, Usd

SEVERITY = Severity.WORTH_ATTENTION
EFFORT = Effort.SETTING
AREA = Area.PRODUCT_ANALYTICS
RULES = ()
DOCS = "https://posthog.com/docs/product-analytics/autocapture"

CLICKS = ("$dead_click", "$rageclick")


def flag(
    unread_dead_click_events,
    events,
    saving_alone_usd,
    *,
    dead_click_percent: Percent = 5,
    at_stake_usd: Usd = 10,
):
    share_is_high = 100 * unread_dead_click_events >= dead_click_percent * events
    return (unread_dead_click_events > 0) & (share_is_high | (saving_alone_usd >= at_stake_usd))


def cut(meter, event, is_referenced):
    return meter.isin(EVENT_METERS) & event.isin(CLICKS) & ~is_referenced


def message(fact):
    share = fact.unread_dead_click_events / fact.events
    return (
        f"Dead clicks and rage clicks are {share:.1%} of {fact.project_name}'s events and nothing "
        "in the project reads them."
    )
