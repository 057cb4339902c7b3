"""Flag organizations that pay for the data pipelines add-on and send data nowhere.

What it finds: the add-on of older contracts has a charge, and there is neither an active
destination nor an active batch export.

Why it costs: the add-on bills every ingested event, whether or not it is sent anywhere.

What to do: remove the add-on on the billing page. Newer plans bill destinations by use.

Trade-off: none while nothing is connected; a later destination is billed by use.

Known limits: a destination that was paused on purpose for a while counts as inactive.

Source: PostHog handbook, onboarding/metabase-account-analysis (paying, no active destination);
the add-on stopped being sold on 2025-09-10.
"""

from audit.checks import Area, Effort, Severity

SEVERITY = Severity.NEEDS_ACTION
EFFORT = Effort.BILLING_PAGE
AREA = Area.CDP_AND_WORKFLOWS
RULES = ("A09",)
DOCS = "https://posthog.com/docs/cdp"


def flag(data_pipelines_cost_usd, active_destinations, active_batch_exports):
    return (data_pipelines_cost_usd > 0) & (active_destinations + active_batch_exports == 0)


def cut(meter):
    return meter == "data_pipelines"


def message(fact):
    return (
        f"{fact.organization_name} pays for data pipelines and has no active destination or "
        "batch export."
    )
