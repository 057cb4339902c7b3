"""Flag projects whose events look like those of a browser extension that forgets who it is.

What it finds: ``$identify`` is at least ``identify_percent`` of a project's billed events, and
custom events are at most ``custom_events_percent`` of them, or flag requests are at least
``requests_ratio`` times the identify calls.

Why it costs: each time the extension or script wakes up it makes a new id, identifies and loads
the flags: an event, an identified event and a flag request for nothing.

What to do: keep one id in the extension's own storage, pass it and the flags when the library
starts (bootstrap), and identify only when the user changes.

Trade-off: person properties and flags may be as old as the last start.

Known limits: other clients that live for a moment only (widgets, serverless functions, tests)
look the same. The saving leaves one call and one flag request per session, and counts none where
there are no sessions.

Source: PostHog handbook, onboarding/chrome-extension-billing-case-study-wildfire (identify 70 to
90 percent of the events, few custom events, many flag requests). The 10 percent and the ratio
are ours.
"""

from audit.checks import EVENT_METERS, Area, Effort, Percent, Ratio, Severity

SEVERITY = Severity.NEEDS_ACTION
EFFORT = Effort.CODE_CHANGE
AREA = Area.INSTRUMENTATION
RULES = ("A07",)
DOCS = "https://posthog.com/docs/advanced/browser-extension"
REMEDY = "call_once_per_session"


def flag(
    identify_events,
    events,
    custom_events,
    flag_client_requests,
    *,
    identify_percent: Percent = 70,
    custom_events_percent: Percent = 10,
    requests_ratio: Ratio = 1,
):
    mostly = (identify_events > 0) & (100 * identify_events >= identify_percent * events)
    few_custom = 100 * custom_events <= custom_events_percent * events
    return mostly & (few_custom | (flag_client_requests >= requests_ratio * identify_events))


def cut(meter, event, identify_events, flag_client_requests, sessions):
    calls = meter.isin(EVENT_METERS) & (event == "$identify")
    requests = (meter == "feature_flags") & (event == "flags")
    return _beyond_one(identify_events, sessions) * calls + (
        _beyond_one(flag_client_requests, sessions) * requests
    )


def _beyond_one(calls, sessions):
    return (1 - sessions / calls.where(calls > 0, 1)).clip(0, 1).where(sessions > 0, 0)


def message(fact):
    share = fact.identify_events / fact.events
    return (
        f"$identify is {share:.0%} of {fact.project_name}'s events, beside "
        f"{fact.flag_client_requests:,} flag requests and {fact.custom_events:,} custom events: "
        "the pattern of a browser extension that makes a new id at every start."
    )
