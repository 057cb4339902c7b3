"""Flag projects that pay for recordings in which nobody does anything.

What it finds: web recordings of half an hour or longer with less than ten seconds of activity
are at least ``idle_percent`` of a project's web recordings, or worth ``at_stake_usd`` a month.

Why it costs: a recording is billed whole, also when it shows a tab that was left open.

What to do: start recording on the first action, with an event or URL trigger; and do not record
where pages stay open by design, such as dashboards on a wall or a developer's tab.

Trade-off: what happens before the trigger is not recorded.

Known limits: a minimum duration does not help here, idle recordings are long. Counted where the
pull could read the activity of recordings. The host of an idle one is not known: where localhost
or staging sites are recorded too, theirs are taken to be idle first.

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


def cut(
    meter,
    event,
    host_class,
    idle_recordings,
    recordings_of_5_seconds,
    nonproduction_recordings_of_5_seconds,
):
    # Which of them are idle is not known. Developers' tabs are taken first, so that idle recordings
    # and those of test hosts together never save more than both are.
    tests = nonproduction_recordings_of_5_seconds
    real = recordings_of_5_seconds - tests
    beyond = (idle_recordings - tests).clip(lower=0)
    of_tests = _share(idle_recordings, tests) * host_class.isin(("localhost", "staging"))
    of_real = _share(beyond, real) * ~host_class.isin(("localhost", "staging"))
    return (of_tests + of_real) * ((meter == "session_replay") & (event == "5_seconds_or_longer"))


def _share(part, whole):
    return (part / whole.where(whole > 0, 1)).clip(0, 1).where(whole > 0, 0)


def message(fact):
    share = fact.idle_recordings / fact.recordings
    return (
        f"{share:.0%} of {fact.project_name}'s web recordings last half an hour or longer and "
        "show next to no activity."
    )
