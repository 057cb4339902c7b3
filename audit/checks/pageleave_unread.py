"""Flag projects that pay for page leaves nobody reads.

What it finds: ``$pageleave`` at or above ``pageleave_percent`` of a project's billed events,
while no member looked at web analytics in the window and nothing the project saved names the
event.

Why it costs: about one such event is billed for every page view, often with a person profile.

What to do: set ``capture_pageleave: false`` in the web library, where bounce rate and time on
page are not needed.

Trade-off: bounce rate, time on page and scroll depth need this event; without it web analytics
shows them wrong or not at all.

Known limits: who reads it through the API, exports or SQL that is not saved counts as nobody.
Answers from cache leave no trace of a reader.

Source: PostHog docs, product-analytics/cutting-costs (turn page leaves off, and what needs
them); it gives no number, so 10 percent is ours.
"""

from audit.checks import EVENT_METERS, Area, Effort, Percent, Severity

SEVERITY = Severity.WORTH_ATTENTION
EFFORT = Effort.CODE_CHANGE
AREA = Area.WEB_ANALYTICS
RULES = ()
DOCS = "https://posthog.com/docs/product-analytics/cutting-costs"


def flag(
    unread_pageleave_events,
    events,
    people_using_web_analytics,
    *,
    pageleave_percent: Percent = 10,
):
    many = 100 * unread_pageleave_events >= pageleave_percent * events
    return (unread_pageleave_events > 0) & many & (people_using_web_analytics == 0)


def cut(meter, event, is_referenced):
    return meter.isin(EVENT_METERS) & (event == "$pageleave") & ~is_referenced


def message(fact):
    share = fact.unread_pageleave_events / fact.events
    return f"Page leaves are {share:.1%} of {fact.project_name}'s events and nobody reads them."
