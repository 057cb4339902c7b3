"""Flag projects that send ``$set`` far more often than once per session.

What it finds: ``$set`` above ``set_percent`` of a project's billed events.
Where there is at most one per session, it is told as information only.

Why it costs: each call is billed as an event, and as an identified event on top.

What to do: set person properties once per session, or together with another event, and only
when a value changed.

Trade-off: person properties may be up to one session old.

Known limits: properties sent along with other events are not counted; the saving counts
only calls above one per session, and none where there are no sessions.

Source: PostHog handbook, cs-and-onboarding/health-checks (5 percent); once per session from
onboarding/metabase-account-analysis (1 to 3 calls per session are fine).
"""

from audit.checks import EVENT_METERS, Area, Effort, Percent, Severity

SEVERITY = Severity.NEEDS_ACTION
EFFORT = Effort.CODE_CHANGE
AREA = Area.INSTRUMENTATION
RULES = ("A03",)
DOCS = "https://posthog.com/docs/product-analytics/person-properties"
REMEDY = "call_once_per_session"


def flag(set_events, events, *, set_percent: Percent = 5):
    return 100 * set_events > set_percent * events


def cut(meter, event, set_events, sessions):
    excess = (1 - sessions / set_events.where(set_events > 0, 1)).clip(0, 1).where(sessions > 0, 0)
    return excess * (meter.isin(EVENT_METERS) & (event == "$set"))


def severity(set_events, sessions):
    # Once a session is what the remedy asks for: where sessions are short, its share is high.
    is_once = (sessions > 0) & (set_events <= sessions)
    return is_once.map({True: Severity.INFORMATION, False: Severity.NEEDS_ACTION})


def message(fact):
    share = fact.set_events / fact.events
    return f"$set is {share:.1%} of {fact.project_name}'s events."
