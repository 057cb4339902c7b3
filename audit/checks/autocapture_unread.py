"""Flag projects that pay for autocapture nobody reads.

What it finds: autocapture above ``autocapture_percent`` of a project's billed events, and no
active action that matches on autocapture.

Why it costs: every ``$autocapture`` event is billed as an event, again as an identified event
where it carries a person profile, and again where group analytics is subscribed.

What to do: keep the elements that matter with an allow list, or turn autocapture off and
capture named events. A project setting; no release is needed.

Trade-off: retroactive click data on the excluded pages and elements is gone.

Known limits: an insight built on raw autocapture without an action counts as unread. The
share is of billed events; the handbook does not say which events it divides by.

Source: PostHog handbook, cs-and-onboarding/health-checks (50 percent, zero actions).
"""

from audit.checks import EVENT_METERS, Area, Effort, Percent, Severity

SEVERITY = Severity.NEEDS_ACTION
EFFORT = Effort.SETTING
AREA = Area.PRODUCT_ANALYTICS
RULES = ("A01",)
DOCS = "https://posthog.com/docs/product-analytics/autocapture"


def flag(autocapture_events, events, autocapture_actions, *, autocapture_percent: Percent = 50):
    return (100 * autocapture_events > autocapture_percent * events) & (autocapture_actions == 0)


def cut(meter, event):
    return meter.isin(EVENT_METERS) & (event == "$autocapture")


def message(fact):
    share = fact.autocapture_events / fact.events
    return f"Autocapture is {share:.0%} of {fact.project_name}'s events and no action reads it."
