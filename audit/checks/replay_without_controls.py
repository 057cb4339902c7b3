"""Flag projects that record every session at high volume.

What it finds: at least ``recordings_count`` web recordings a billing month and none of minimum
duration, sampling, linked flag, URL trigger, event trigger or trigger group set.

Why it costs: every recorded session is billed, also those nobody will look at.

What to do: set a minimum duration of 2 seconds first; then choose sampling, or record only
the pages, flags or events that matter. Project settings; no release is needed.

Trade-off: sessions outside the chosen rules leave no recording.

Known limits: the saving counts only recordings under two seconds, which the first step
removes; sampling saves more and is the customer's choice. Controls set in code are invisible.

Source: PostHog handbook, onboarding/metabase-account-analysis (projects without controls); the
volume is ours: three times the free allowance.
"""

from audit.checks import BILLING_MONTH_DAYS, Area, Count, Effort, Severity

SEVERITY = Severity.WORTH_ATTENTION
EFFORT = Effort.SETTING
AREA = Area.SESSION_REPLAY
RULES = ("A11",)
DOCS = "https://posthog.com/docs/session-replay/how-to-control-which-sessions-you-record"
REMEDY = "minimum_duration"


def flag(
    recordings,
    recording_days,
    minimum_duration_milliseconds,
    sampling_is_set,
    linked_flag_is_set,
    replay_triggers_are_set,
    *,
    recordings_count: Count = 15_000,
):
    controlled = sampling_is_set | linked_flag_is_set | replay_triggers_are_set
    many = recordings * BILLING_MONTH_DAYS >= recordings_count * recording_days
    return (recordings > 0) & many & (minimum_duration_milliseconds == 0) & ~controlled


def cut(meter, event):
    return (meter == "session_replay") & (event == "under_2_seconds")


def message(fact):
    return (
        f"{fact.project_name} recorded {fact.recordings:,} sessions with no control over which "
        "ones to record."
    )
