"""Flag projects that copy whole tables into the warehouse again and again.

What it finds: rows that full-refresh tables synced beyond one whole copy are at least
``repeated_percent`` of the project's synced rows, or worth ``at_stake_usd`` a month.

Why it costs: a full refresh bills every row of the table at every sync, changed or not.

What to do: set the table to incremental or append, with a column that says when a row changed;
or sync it less often. A setting of the table.

Trade-off: incremental sync misses rows that are deleted, and needs a column that tells changes.

Known limits: the saving assumes one whole copy a month and no changed rows, so it is the most
that can be saved; the first sync after the change is a whole copy too.

Source: PostHog handbook, onboarding/onboarding-conversations-playbook (full refresh re-bills every
row at each sync); 20 percent and 10 dollars are ours.
"""

from audit.checks import Area, Effort, Percent, Severity, Usd

SEVERITY = Severity.NEEDS_ACTION
EFFORT = Effort.SETTING
AREA = Area.DATA_WAREHOUSE
RULES = ("A17",)
DOCS = "https://posthog.com/docs/data-warehouse/cutting-costs"


def flag(
    repeated_rows,
    synced_rows,
    saving_alone_usd,
    *,
    repeated_percent: Percent = 20,
    at_stake_usd: Usd = 10,
):
    is_much = 100 * repeated_rows >= repeated_percent * synced_rows
    return (repeated_rows > 0) & (is_much | (saving_alone_usd >= at_stake_usd))


def cut(meter, repeated_rows, synced_rows):
    share = (repeated_rows / synced_rows.where(synced_rows > 0, 1)).clip(0, 1)
    return share * (meter == "data_warehouse")


def message(fact):
    share = fact.repeated_rows / fact.synced_rows
    return (
        f"{share:.0%} of the rows {fact.project_name} synced are copies of tables that were "
        "copied whole before."
    )
