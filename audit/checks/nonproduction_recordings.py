"""Flag projects that record development and staging sites beside production.

What it finds: web recordings from localhost or a staging host are at least
``nonproduction_percent`` of a project's web recordings, or worth ``at_stake_usd`` a month. A
project that holds almost nothing else (``separate_project_percent``) is meant for them and is
left alone.

Why it costs: every recording is billed when it is ingested, whoever made it.

What to do: start session replay in production only. Do not call ``startSessionRecording`` and
set ``disable_session_recording`` where the host is localhost or staging.

Trade-off: sessions of your own developers and testers leave no recording.

Known limits: the host is that of the first page of a recording, and hosts are told apart by
their names; a production site on an unusual name may count as staging.

Source: PostHog handbook, onboarding/onboarding-conversations-playbook (localhost and staging
hosts are leakage) and cs-and-onboarding/cost-optimization-reviews (recordings of a development
tab); 2 percent, 10 dollars and 80 percent are ours.
"""

from audit.checks import Area, Effort, Percent, Severity, Usd

SEVERITY = Severity.WORTH_ATTENTION
EFFORT = Effort.CODE_CHANGE
AREA = Area.SESSION_REPLAY
RULES = ("A13",)
DOCS = "https://posthog.com/docs/session-replay/how-to-control-which-sessions-you-record"
REMEDY = "nonproduction_off"


def flag(
    nonproduction_recordings,
    recordings,
    saving_alone_usd,
    *,
    nonproduction_percent: Percent = 2,
    at_stake_usd: Usd = 10,
    separate_project_percent: Percent = 80,
):
    share = 100 * nonproduction_recordings
    is_mixed = share <= separate_project_percent * recordings
    is_much = (share >= nonproduction_percent * recordings) | (saving_alone_usd >= at_stake_usd)
    return (nonproduction_recordings > 0) & is_mixed & is_much


def cut(meter, host_class):
    return (meter == "session_replay") & host_class.isin(("localhost", "staging"))


def message(fact):
    share = fact.nonproduction_recordings / fact.recordings
    return (
        f"{share:.1%} of {fact.project_name}'s web recordings are of localhost or a staging site."
    )
