"""Flag projects that are billed for traffic of developers' machines and test hosts.

What it finds: events from localhost or staging hosts that are at least ``nonproduction_percent``
of a project's billed events, or worth ``at_stake_usd`` a month, in a project that is not itself
for tests (at most ``separate_project_percent`` of its events come from such hosts).

Why it costs: events and recordings of a test host are billed like any other, and they distort
what the project says of real users.

What to do: start the library only on production hosts, or with capturing off elsewhere. A
separate project for tests keeps the numbers clean.

Trade-off: what happens on test hosts is no longer seen in this project.

Known limits: a separate project of the same organization is billed on the same bill: the saving
is for traffic that is not captured at all. Hosts are told by their names, and events of servers
carry none.

Source: PostHog handbook, onboarding/onboarding-conversations-playbook (localhost and staging
hosts are leakage); it gives no number, so 2 percent, 10 dollars and 80 percent are ours.
"""

from audit.checks import EVENT_METERS, Area, Effort, Percent, Severity, Usd

SEVERITY = Severity.WORTH_ATTENTION
EFFORT = Effort.CODE_CHANGE
AREA = Area.INSTRUMENTATION
RULES = ("A18",)
DOCS = "https://posthog.com/tutorials/multiple-environments"
REMEDY = "nonproduction_off"

NONPRODUCTION = ("localhost", "staging")


def flag(
    nonproduction_events,
    events,
    saving_alone_usd,
    *,
    nonproduction_percent: Percent = 2,
    at_stake_usd: Usd = 10,
    separate_project_percent: Percent = 80,
):
    share_is_high = 100 * nonproduction_events >= nonproduction_percent * events
    for_tests = 100 * nonproduction_events > separate_project_percent * events
    material = share_is_high | (saving_alone_usd >= at_stake_usd)
    return (nonproduction_events > 0) & ~for_tests & material


def cut(meter, host_class):
    return meter.isin((*EVENT_METERS, "session_replay")) & host_class.isin(NONPRODUCTION)


def message(fact):
    share = fact.nonproduction_events / fact.events
    return (
        f"{fact.nonproduction_events:,} of {fact.project_name}'s events ({share:.1%}) come from "
        "localhost or staging hosts."
    )
