"""Flag projects that pay for session recordings too short to show anything.

What it finds: no minimum duration, or one below ``minimum_duration_seconds``, while at least
``short_recordings_percent`` of the web recordings last under two seconds.

Why it costs: every recording is billed when it is ingested, however short.

What to do: set the minimum duration of session replay to 2 seconds. A project setting; no
release is needed. Check that strict minimum duration is on, or a visit over several pages
can pass it.

Trade-off: visits that end within two seconds leave no recording.

Known limits: idle recordings (an open tab nobody touches) are long and not counted here.

Source: PostHog handbook, cs-and-onboarding/health-checks (at least 2 seconds); the share of
short recordings (20 percent, and 40 percent for needs action) is ours.
"""

from audit.checks import Area, Effort, Percent, Seconds, Severity

SEVERITY = Severity.WORTH_ATTENTION
EFFORT = Effort.SETTING
AREA = Area.SESSION_REPLAY
RULES = ("A12",)
DOCS = "https://posthog.com/docs/session-replay/how-to-control-which-sessions-you-record"
REMEDY = "minimum_duration"


def flag(
    minimum_duration_milliseconds,
    recordings,
    recordings_under_2_seconds,
    *,
    minimum_duration_seconds: Seconds = 2,
    short_recordings_percent: Percent = 20,
):
    unset = minimum_duration_milliseconds < 1000 * minimum_duration_seconds
    many = 100 * recordings_under_2_seconds >= short_recordings_percent * recordings
    return unset & many & (recordings > 0)


def cut(meter, event):
    return (meter == "session_replay") & (event == "under_2_seconds")


def severity(recordings, recordings_under_2_seconds, *, needs_action_percent: Percent = 40):
    urgent = 100 * recordings_under_2_seconds >= needs_action_percent * recordings
    return urgent.map({True: Severity.NEEDS_ACTION, False: Severity.WORTH_ATTENTION})


def message(fact):
    share = fact.recordings_under_2_seconds / fact.recordings
    under_5 = 1 - fact.recordings_of_5_seconds / fact.recordings
    return (
        f"{share:.0%} of {fact.project_name}'s recordings last under two seconds "
        f"({under_5:.0%} under five) and no minimum duration keeps them out."
    )
