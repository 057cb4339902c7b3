"""Flag projects with many flags that are on and that nothing asks for.

What it finds: at least ``stale_count`` flags that are on and were not called for 30 days.

Why it costs: nothing on the bill: requests are billed, not flags. It costs attention; old
branches stay in the code, and nobody knows which flag matters.

What to do: archive them, after removing them from the code. The vendor's flag list can be
filtered by stale.

Trade-off: none once the code no longer asks for them.

Known limits: with local evaluation calls may not be recorded, and a flag that is used looks
stale.

Source: PostHog handbook, onboarding/onboarding-conversations-playbook (flags bill per request,
so archiving flags is not the saving); five flags is ours.
"""

from audit.checks import Area, Count, Effort, Severity, counted

SEVERITY = Severity.WORTH_ATTENTION
EFFORT = Effort.CODE_CHANGE
AREA = Area.FEATURE_FLAGS
RULES = ()
DOCS = "https://posthog.com/docs/feature-flags"


def flag(stale_flags, *, stale_count: Count = 5):
    return stale_flags >= stale_count


def message(fact):
    are, were = ("is", "was") if fact.stale_flags == 1 else ("are", "were")
    return (
        f"{counted(fact.stale_flags, 'flag')} of {fact.project_name} {are} on and {were} not "
        "called for 30 days."
    )
