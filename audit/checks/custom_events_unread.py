"""Flag projects that pay for custom events nobody reads.

What it finds: custom events that no saved insight, action, cohort, experiment, survey or active
destination of the project names, at or above ``unread_percent`` of its billed events, or worth
``at_stake_usd`` a month.

Why it costs: every custom event is billed as an event, again as an identified event where it
carries a person profile, and again where group analytics is subscribed.

What to do: go through the events that nothing names, largest first, and stop sending those
nobody misses. Check exports, the API and alerts outside PostHog before.

Trade-off: events that are not sent cannot be asked for later.

Known limits: an insight on all events, a query that builds names from parts, batch exports and
reads over the API name no event, so an event they need counts as unread. Events that the
vendor's libraries send by themselves have checks of their own.

Source: PostHog handbook, onboarding/onboarding-conversations-playbook (custom events that no
insight references are billed and never analyzed); it gives no number, so 5 percent and 25
dollars are ours.
"""

from audit.checks import EVENT_METERS, Area, Effort, Percent, Severity, Usd

SEVERITY = Severity.WORTH_ATTENTION
EFFORT = Effort.CODE_CHANGE
AREA = Area.PRODUCT_ANALYTICS
RULES = ("A19",)
DOCS = "https://posthog.com/docs/product-analytics/cutting-costs"

#: Names beside those with a dollar that the vendor's libraries send by themselves, and no name;
#: the list of ``facts/project_events.sql``.
NOT_CUSTOM = (
    "",
    "Application Installed",
    "Application Updated",
    "Application Opened",
    "Application Backgrounded",
    "Application Became Active",
    "Deep Link Opened",
)


def flag(
    unread_custom_events,
    events,
    saving_alone_usd,
    *,
    unread_percent: Percent = 5,
    at_stake_usd: Usd = 25,
):
    share_is_high = 100 * unread_custom_events >= unread_percent * events
    return (unread_custom_events > 0) & (share_is_high | (saving_alone_usd >= at_stake_usd))


def cut(meter, event, is_referenced):
    custom = ~event.str.startswith("$") & ~event.isin(NOT_CUSTOM)
    return meter.isin(EVENT_METERS) & custom & ~is_referenced


def message(fact):
    share = fact.unread_custom_events / fact.events
    return (
        f"{fact.unread_custom_events:,} of {fact.project_name}'s events ({share:.0%}) are custom "
        "events that nothing in the project names."
    )
