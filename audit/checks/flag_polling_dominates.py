"""Flag projects whose flag bill is mostly servers polling for flag definitions.

What it finds: local evaluation makes up more than ``polling_percent`` of the billed flag
requests, and as much as ``always_on_servers_count`` servers polling without pause.

Why it costs: each poll for definitions is billed as 10 requests. One process at the default
30 seconds makes 86,400 polls, 864,000 billed requests, in 30 days.

What to do: poll every 5 minutes instead of every 30 seconds, share one definition cache
between processes, and do not use local evaluation in edge or lambda functions.

Trade-off: a changed flag reaches servers after up to 5 minutes.

Known limits: the saving assumes that processes poll at the default 30 seconds; where the
interval is already longer it is too high. The number of servers is implied, not seen.

Source: PostHog docs, feature-flags/cutting-costs (10 per poll, 30 seconds, 864,000 a month);
the share and the number of servers are ours.
"""

from audit.checks import Area, Count, Effort, Percent, Seconds, Severity, counted

SEVERITY = Severity.NEEDS_ACTION
EFFORT = Effort.CODE_CHANGE
AREA = Area.FEATURE_FLAGS
RULES = ("A14",)
DOCS = "https://posthog.com/docs/feature-flags/cutting-costs"

DEFAULT_POLL_SECONDS = 30
BILLED_PER_SERVER_DAY = 28_800


def flag(
    flag_polling_requests,
    flag_requests,
    flag_days,
    *,
    polling_percent: Percent = 50,
    always_on_servers_count: Count = 3,
):
    dominates = 100 * flag_polling_requests > polling_percent * flag_requests
    one_server = BILLED_PER_SERVER_DAY * flag_days
    return dominates & (flag_polling_requests >= always_on_servers_count * one_server)


def cut(meter, event, *, advised_poll_seconds: Seconds = 300):
    saved = max(0.0, 1 - DEFAULT_POLL_SECONDS / max(advised_poll_seconds, DEFAULT_POLL_SECONDS))
    return saved * ((meter == "feature_flags") & (event == "local_evaluation"))


def message(fact):
    share = fact.flag_polling_requests / fact.flag_requests
    servers = fact.flag_polling_requests / (BILLED_PER_SERVER_DAY * fact.flag_days)
    as_many = f"as much as {counted(servers, 'server')}" if servers >= 1 else "less than one server"
    return (
        f"{share:.0%} of {fact.project_name}'s flag requests are local-evaluation polling, "
        f"{as_many} polling every 30 seconds without pause."
    )
