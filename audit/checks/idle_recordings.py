"""Flag projects that pay for recordings in which nobody does anything.

What it finds: web recordings of half an hour or longer with less than ten seconds of activity
are at least ``idle_percent`` of a project's web recordings, or worth ``at_stake_usd`` a month.

Why it costs: a recording is billed whole, also when it shows a tab that was left open.

What to do: start recording on the first action, with an event or URL trigger; and do not record
where pages stay open by design, such as dashboards on a wall or a developer's tab.

Trade-off: what happens before the trigger is not recorded.

Known limits: a minimum duration does not help here, idle recordings are long. Counted where the
pull could read the activity of recordings.

Source: PostHog handbook, cs-and-onboarding/cost-optimization-reviews (a development tab left open
for 30 minutes); 5 percent, 10 dollars and ten seconds are ours.
"""

from audit.checks import Area, Effort, Percent, Severity, Usd

SEVERITY = Severity.WORTH_ATTENTION
EFFORT = Effort.SETTING
AREA = Area.SESSION_REPLAY
RULES = ("A13",)
DOCS = "https://posthog.com/docs/session-replay/how-to-control-which-sessions-you-record"


def flag(
    idle_recordings,
    recordings,
    saving_alone_usd,
    *,
    idle_percent: Percent = 5,
    at_stake_usd: Usd = 10,
):
    is_much = 100 * idle_recordings >= idle_percent * recordings
    return (idle_recordings > 0) & (is_much | (saving_alone_usd >= at_stake_usd))


def cut(meter, event, idle_recordings, recordings_of_5_seconds):
    long = recordings_of_5_seconds.where(recordings_of_5_seconds > 0, 1)
    share = (idle_recordings / long).clip(0, 1).where(recordings_of_5_seconds > 0, 0)
    return share * ((meter == "session_replay") & (event == "5_seconds_or_longer"))


def message(fact):
    share = fact.idle_recordings / fact.recordings
    return (
        f"{share:.0%} of {fact.project_name}'s web recordings last half an hour or longer and "
        "show next to no activity."
    )
