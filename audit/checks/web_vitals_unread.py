"""Flag projects that pay for web vitals nobody looks at.

What it finds: ``$web_vitals`` at or above ``web_vitals_percent`` of a project's billed events, or
worth ``at_stake_usd`` a month, while no member looked at web analytics in the window and nothing
the project saved names the event.

Why it costs: every page load sends one or more of these events, each billed as an event.

What to do: turn web vitals off in the project's settings, or keep only the metrics you read, or
start reading them under web analytics.

Trade-off: no history of page speed when somebody asks for it later.

Known limits: who read web vitals through the API, exports or SQL that is not saved counts as
nobody. Answers from cache leave no trace of a reader.

Source: ours; the vendor bills the event (docs, product-analytics/cutting-costs) and names no
share. 5 percent and 10 dollars are ours.
"""

from audit.checks import EVENT_METERS, Area, Effort, Percent, Severity, Usd

SEVERITY = Severity.WORTH_ATTENTION
EFFORT = Effort.SETTING
AREA = Area.WEB_ANALYTICS
RULES = ()
DOCS = "https://posthog.com/docs/web-analytics/web-vitals"


def flag(
    unread_web_vitals_events,
    events,
    people_using_web_analytics,
    saving_alone_usd,
    *,
    web_vitals_percent: Percent = 5,
    at_stake_usd: Usd = 10,
):
    share_is_high = 100 * unread_web_vitals_events >= web_vitals_percent * events
    material = share_is_high | (saving_alone_usd >= at_stake_usd)
    return (unread_web_vitals_events > 0) & (people_using_web_analytics == 0) & material


def cut(meter, event, is_referenced):
    return meter.isin(EVENT_METERS) & (event == "$web_vitals") & ~is_referenced


def message(fact):
    share = fact.unread_web_vitals_events / fact.events
    return f"Web vitals are {share:.1%} of {fact.project_name}'s events and nobody looks at them."
