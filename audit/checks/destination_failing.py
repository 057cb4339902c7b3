"""Flag projects with a destination that only fails.

What it finds: at least ``failing_count`` active destinations to which every delivery of the
window failed.

Why it costs: nothing: only successful invocations are billed, so turning a dead destination off
is never a saving. It costs the messages that never arrived.

What to do: open the destination's log, mend its address or credentials; or turn it off so that
nobody relies on it.

Trade-off: a mended destination is billed for what it delivers.

Known limits: a destination that was set up at the end of the window may just have been wrong
at first.

Source: PostHog handbook, onboarding/onboarding-conversations-playbook (a dead destination is never
a cost saving).
"""

from audit.checks import Area, Count, Effort, Severity

SEVERITY = Severity.NEEDS_ACTION
EFFORT = Effort.SETTING
AREA = Area.CDP_AND_WORKFLOWS
RULES = ("A31",)
DOCS = "https://posthog.com/docs/cdp/destinations"


def flag(failing_destinations, *, failing_count: Count = 1):
    return failing_destinations >= failing_count


def message(fact):
    if fact.project_destinations == 1:
        return (
            f"The one destination of {fact.project_name} delivered nothing: every attempt failed."
        )
    return (
        f"{fact.failing_destinations:,.0f} of {fact.project_name}'s "
        f"{fact.project_destinations:,.0f} destinations delivered nothing: every attempt failed."
    )
