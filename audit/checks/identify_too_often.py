"""Flag projects that send ``$identify`` far more often than once per session.

What it finds: ``$identify`` above ``identify_percent`` of a project's billed events.

Why it costs: each call is billed as an event, and as an identified event on top.

What to do: call identify once after login and when the id changes, not on every page load.
Current web libraries send nothing when neither id nor properties changed.

Trade-off: none in the data; person properties are updated once per session instead of on
every call.

Known limits: a product where most sessions are logins has a naturally high share, so at most
one call per session is told as information only. The saving counts only calls above one per
session, and none where there are no sessions.

Source: PostHog handbook, cs-and-onboarding/health-checks (5 percent); once per session from
onboarding/metabase-account-analysis (1 to 3 calls per session are fine).
"""

from audit.checks import EVENT_METERS, Area, Effort, Percent, Severity

SEVERITY = Severity.NEEDS_ACTION
EFFORT = Effort.CODE_CHANGE
AREA = Area.INSTRUMENTATION
RULES = ("A02",)
DOCS = "https://posthog.com/docs/product-analytics/identify"
REMEDY = "call_once_per_session"


def flag(identify_events, events, *, identify_percent: Percent = 5):
    return 100 * identify_events > identify_percent * events


def cut(meter, event, identify_events, sessions):
    excess = (
        (1 - sessions / identify_events.where(identify_events > 0, 1))
        .clip(0, 1)
        .where(sessions > 0, 0)
    )
    return excess * (meter.isin(EVENT_METERS) & (event == "$identify"))


def severity(identify_events, sessions):
    # Once a session is what the remedy asks for: where sessions are short, its share is high.
    is_once = (sessions > 0) & (identify_events <= sessions)
    return is_once.map({True: Severity.INFORMATION, False: Severity.NEEDS_ACTION})


def message(fact):
    share = fact.identify_events / fact.events
    return f"$identify is {share:.1%} of {fact.project_name}'s events."
