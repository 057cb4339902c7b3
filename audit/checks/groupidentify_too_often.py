"""Flag projects that send ``$groupidentify`` far more often than once per session.

What it finds: ``$groupidentify`` above ``groupidentify_percent`` of a project's billed
events.
Where there is at most one per session, it is told as information only.

Why it costs: each call is billed as an event, and where group analytics is subscribed again
on that meter.

What to do: call group() once per group and session, without a properties argument when
nothing changed. Upgrade posthog-js to 1.364.7 or later first: older versions send nothing
without properties.

Trade-off: group properties may be up to one session old.

Known limits: server libraries never drop repeated calls; sessions that touch several groups
need one call each, which the saving (one call per session) does not know; without sessions
no saving is claimed.

Source: PostHog handbook, cs-and-onboarding/health-checks (5 percent); once per session from
onboarding/metabase-account-analysis (1 to 3 calls per session are fine).
"""

from audit.checks import EVENT_METERS, Area, Effort, Percent, Severity

SEVERITY = Severity.NEEDS_ACTION
EFFORT = Effort.CODE_CHANGE
AREA = Area.INSTRUMENTATION
RULES = ("A04",)
DOCS = "https://posthog.com/docs/product-analytics/group-analytics"
REMEDY = "call_once_per_session"


def flag(groupidentify_events, events, *, groupidentify_percent: Percent = 5):
    return 100 * groupidentify_events > groupidentify_percent * events


def cut(meter, event, groupidentify_events, sessions):
    excess = (
        (1 - sessions / groupidentify_events.where(groupidentify_events > 0, 1))
        .clip(0, 1)
        .where(sessions > 0, 0)
    )
    return excess * (meter.isin(EVENT_METERS) & (event == "$groupidentify"))


def severity(groupidentify_events, sessions):
    # Once a session is what the remedy asks for: where sessions are short, its share is high.
    is_once = (sessions > 0) & (groupidentify_events <= sessions)
    return is_once.map({True: Severity.INFORMATION, False: Severity.NEEDS_ACTION})


def message(fact):
    share = fact.groupidentify_events / fact.events
    return f"$groupidentify is {share:.1%} of {fact.project_name}'s events."
