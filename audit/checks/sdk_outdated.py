"""Flag projects whose main library is months behind its newest release.

What it finds: at least half of the events of the library that sends most of a project's events
come from versions whose release is ``behind_days`` or more before its newest one.

Why it costs: old versions lack fixes that save events, such as calls of identify and group that
newer ones drop when nothing changed, and features the team already pays for.

What to do: update the library, and once a month from then on. A web library that is loaded by the
snippet updates itself; one that is installed as a package does not.

Trade-off: a new major version can ask for changes in code.

Known limits: release days are known for posthog-js, posthog-js-lite, posthog-node,
posthog-python and posthog-react-native, as shipped with this toolkit, and a version may be some
weeks older than they say. Apps keep old versions until their users update.

Source: PostHog handbook, cs-and-onboarding/health-checks (the library that carries the bulk of
the events is not more than 3 months behind); that half is the bulk is ours.
"""

from audit.checks import Area, Days, Effort, Severity

SEVERITY = Severity.WORTH_ATTENTION
EFFORT = Effort.CODE_CHANGE
AREA = Area.INSTRUMENTATION
RULES = ("A24",)
DOCS = "https://posthog.com/docs/health-checks/sdk-health"

#: Names by the number that stands for them in ``main_sdk``, from 1.
LIBRARIES = (
    "posthog-js",
    "posthog-js-lite",
    "posthog-node",
    "posthog-python",
    "posthog-react-native",
)


def flag(main_sdk_behind_days, *, behind_days: Days = 92):
    return (main_sdk_behind_days > 0) & (main_sdk_behind_days >= behind_days)


def message(fact):
    library = LIBRARIES[fact.main_sdk - 1]
    version = f"{fact.main_sdk_major}.{fact.main_sdk_minor}"
    return (
        f"At least half of {fact.project_name}'s {library} events come from version "
        f"{version} or older, {fact.main_sdk_behind_days:,} days or more behind the newest release."
    )
