"""Flag projects that call identify, set or group many times in a session.

What it finds: ``$identify``, ``$set`` or ``$groupidentify`` events above ``calls_per_session``
for each session of the project.

Why it costs: each call is billed as an event, and as an identified event on top.

What to do: guard the calls: once per session, and again only when a value changed.

Trade-off: person and group properties may be up to one session old.

Known limits: between three and four calls nothing is said. Server calls carry no session, so a
backend that identifies on every request shows here although its users do not; the message
names the event.

Source: PostHog handbook, onboarding/metabase-account-analysis (1 to 3 per session are fine,
more than 4 suspicious); that nothing is said in between is ours.
"""

from audit.checks import EVENT_METERS, Area, Effort, PerSession, Severity

SEVERITY = Severity.NEEDS_ACTION
EFFORT = Effort.CODE_CHANGE
AREA = Area.INSTRUMENTATION
RULES = ("A05",)
DOCS = "https://posthog.com/docs/product-analytics/identify"
REMEDY = "call_once_per_session"


def flag(
    identify_events,
    set_events,
    groupidentify_events,
    sessions,
    *,
    calls_per_session: PerSession = 4,
):
    # The largest of the three, row by row.
    most = identify_events.clip(lower=set_events).clip(lower=groupidentify_events)
    return (sessions > 0) & (most > calls_per_session * sessions)


def cut(
    meter,
    event,
    identify_events,
    set_events,
    groupidentify_events,
    sessions,
    *,
    calls_per_session: PerSession = 4,
):
    excess = 0.0 * sessions
    for name, calls in (
        ("$identify", identify_events),
        ("$set", set_events),
        ("$groupidentify", groupidentify_events),
    ):
        share = (1 - sessions / calls.where(calls > 0, 1)).clip(0, 1)
        excess = excess + share * ((event == name) & (calls > calls_per_session * sessions))
    return excess * meter.isin(EVENT_METERS)


def message(fact):
    calls = {
        "$identify": fact.identify_events,
        "$set": fact.set_events,
        "$groupidentify": fact.groupidentify_events,
    }
    worst = max(calls, key=lambda name: calls[name])
    return (
        f"{fact.project_name} sends {calls[worst] / fact.sessions:.1f} {worst} events per session."
    )
