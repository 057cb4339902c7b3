"""Flag projects that pay for every exception and ignore none.

What it finds: a project captures exceptions automatically, ignores no kind of them and has some,
while error tracking costs the organization at least ``exceptions_usd`` a month.

Why it costs: every exception is billed, also those nobody can fix: browser extensions, network
errors, loops that throw the same error on every frame.

What to do: add suppression rules for the noisy kinds, and a rate limit for loops. Project
settings; no release is needed.

Trade-off: what is suppressed cannot be looked up later.

Known limits: which share of the exceptions is noise is not known here, so no saving is attached.

Source: PostHog docs, error-tracking/cutting-costs; 25 dollars is ours.
"""

from audit.checks import Area, Effort, Severity, Usd

SEVERITY = Severity.WORTH_ATTENTION
EFFORT = Effort.SETTING
AREA = Area.ERROR_TRACKING
RULES = ()
DOCS = "https://posthog.com/docs/error-tracking/cutting-costs"


def flag(
    exceptions_are_captured,
    exceptions_are_ignored,
    project_exceptions,
    error_tracking_cost_usd,
    *,
    exceptions_usd: Usd = 25,
):
    unfiltered = exceptions_are_captured & ~exceptions_are_ignored
    return unfiltered & (project_exceptions > 0) & (error_tracking_cost_usd >= exceptions_usd)


def message(fact):
    return (
        f"{fact.project_name} captures every exception and ignores none, while error tracking "
        f"costs ${fact.error_tracking_cost_usd:,.2f} a month in the organization (estimate)."
    )
