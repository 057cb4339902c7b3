"""Flag projects whose flag requests are billed for flags that nobody uses any more.

What it finds: no flag of the project is in use, at least one that is on was not called for 30
days, and at least ``requests_count`` flag requests were billed there; while flags are in use in
another project of the organization.

Why it costs: requests are billed, not flags, and one flag that is on makes every request of its
project billable: every page load pays for a flag nobody asks for.

What to do: turn off the forgotten flags of this project. Without an active flag its requests are
not billed.

Trade-off: code that still asks for such a flag gets its fallback.

Known limits: with local evaluation, calls may not be recorded, so a flag that is used looks
forgotten; ask before turning it off. Where no project uses flags at all, ``product_unused``
says so instead.

Source: PostHog/posthog, rust/feature-flags (a request is billable only while the project has an
active flag that targets no survey or tour). That this is worth a finding of its own is ours.
"""

from audit.checks import Area, Count, Effort, Severity, counted

SEVERITY = Severity.NEEDS_ACTION
EFFORT = Effort.SETTING
AREA = Area.FEATURE_FLAGS
RULES = ()
DOCS = "https://posthog.com/docs/feature-flags/cutting-costs"


def flag(
    flags_in_use,
    stale_flags,
    organization_flags_in_use,
    flag_client_requests,
    *,
    requests_count: Count = 1,
):
    forgotten = (flags_in_use == 0) & (stale_flags > 0) & (organization_flags_in_use > 0)
    return forgotten & (flag_client_requests >= requests_count)


def cut(meter, event):
    return (meter == "feature_flags") & (event == "flags")


def message(fact):
    keep = "keeps" if fact.stale_flags == 1 else "keep"
    return (
        f"{counted(fact.stale_flags, 'flag')} nobody called for 30 days {keep} "
        f"{fact.flag_client_requests:,.0f} requests of {fact.project_name} on the bill."
    )
