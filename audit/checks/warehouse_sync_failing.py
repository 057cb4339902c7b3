"""Flag projects with warehouse tables whose sync fails.

What it finds: at least ``failed_count`` synced tables whose last sync failed.

Why it costs: nothing: a failed sync is not billed, so mending it is never a saving. It costs
decisions made on old data.

What to do: open the source, read the error, and mend it; or turn the table off.

Trade-off: a mended sync is billed again.

Known limits: the state is that of the last sync; one failure may have been an accident.

Source: PostHog handbook, onboarding/onboarding-conversations-playbook (a failed sync is not a
saving).
"""

from audit.checks import Area, Count, Effort, Severity

SEVERITY = Severity.WORTH_ATTENTION
EFFORT = Effort.SETTING
AREA = Area.DATA_WAREHOUSE
RULES = ()
DOCS = "https://posthog.com/docs/data-warehouse"


def flag(failed_warehouse_schemas, *, failed_count: Count = 1):
    return failed_warehouse_schemas >= failed_count


def message(fact):
    if fact.active_warehouse_schemas == 1:
        return f"The one synced table of {fact.project_name} failed to sync."
    of = f"{fact.active_warehouse_schemas:,.0f} synced tables"
    return f"{fact.failed_warehouse_schemas:,.0f} of {fact.project_name}'s {of} failed to sync."
