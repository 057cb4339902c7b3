"""Where every organization stands: its first bill over the threshold, and what it is months later.

Unknown is never no: what was not read, or is not over yet, is apart from who was lost.
"""

from collections.abc import Collection
from datetime import date
from enum import StrEnum

import duckdb
import pandas as pd

from audit.north_star import revenue
from audit.north_star.treatments import Treatments


class Status(StrEnum):
    """What an organization is in the measure."""

    RETAINED = "retained"
    RETAINED_BY_HANDOVER = "retained_by_handover"
    LOST = "lost"
    UNKNOWN = "unknown"
    TOO_YOUNG = "too_young"
    STARTUP_CREDIT = "startup_credit"
    NEVER_BILLED = "never_billed"
    HANDED_OVER = "handed_over"
    DROPPED = "dropped"
    NOT_EVALUATED = "not_evaluated"
    NEVER_CROSSED = "never_crossed"
    EXCLUDED = "excluded"


#: In the cohort of its month; the first three are known to be retained or lost.
KNOWN = (Status.RETAINED, Status.RETAINED_BY_HANDOVER, Status.LOST)
MEMBERS = (*KNOWN, Status.UNKNOWN)
APART = (Status.STARTUP_CREDIT, Status.NEVER_BILLED, Status.HANDED_OVER)

#: So long after the first invoice a store holds, an older customer has had its first one in it.
FIRST_PERIOD_DAYS = 31


def standings(
    connection: duckdb.DuckDBPyConnection,
    as_of: date,
    treatments: Treatments,
    threshold_usd: float,
    excluded: Collection[str] = (),
) -> pd.DataFrame:
    """One row per organization, by id: organization_id, name, status, reason (a clause), cohort
    (first day of the month of the first bill, NaT: none), is_forecast (that bill is still a
    forecast), first_bill_cents (before credit), base_cents and current_cents (revenue of the
    first month and of the one that is looked at, <NA>: not known), is_billed (of who is apart:
    there was a bill in the latter, <NA>: not over), is_open (some of it is not paid yet),
    is_one_off (a one-off credit was put back in one of them), crm_read."""
    revenue.prepare(connection, as_of, treatments, excluded)
    connection.execute(
        _ENTRIES,
        {
            "threshold": round(100 * threshold_usd),
            "threshold_usd": threshold_usd,
            "by_credit": treatments.startup_credit == "count",
            "unbilled": treatments.never_billed == "count",
            "since": None if treatments.invoices_since is None else str(treatments.invoices_since),
            "first_period": FIRST_PERIOD_DAYS,
            "now": 12 * as_of.year + as_of.month - 1,
        },
    )
    frame = connection.execute(
        _STANDINGS,
        {
            "months": treatments.months,
            "now": 12 * as_of.year + as_of.month - 1,
            "by_credit": treatments.startup_credit,
            "unbilled": treatments.never_billed,
            "handovers": treatments.handovers,
        },
    ).df()
    cents = ("first_bill_cents", "base_cents", "current_cents")
    return frame.astype(
        {"cohort": "datetime64[us]", "is_billed": "boolean", **dict.fromkeys(cents, "Int64")}
    )


# The first bill over the threshold; where there is none, what came nearest to one.
_ENTRIES = """
CREATE OR REPLACE TEMP TABLE north_entries AS
WITH bills AS (
    SELECT organization_id,
        min(month) FILTER (billed > $threshold AND ($by_credit OR NOT by_startup_credit)) AS bill,
        min(month) FILTER (billed > $threshold AND by_startup_credit) AS credit
    FROM north_months GROUP BY ALL
),
unbilled AS (
    -- A draft of the last month over may become a bill yet.
    SELECT u.organization_id, min(u.month) AS proposal
    FROM north_unbilled u JOIN north_organizations o USING (organization_id)
    WHERE u.proposed > $threshold
        AND u.month + 1 < 12 * year(o.until) + month(o.until) - 1
    GROUP BY ALL
),
known AS (
    SELECT o.*, b.bill, b.credit, u.proposal,
        CASE WHEN o.forecast > $threshold_usd THEN
            CASE WHEN o.period_end > o.until
                THEN 12 * year(o.period_end - 1) + month(o.period_end - 1) - 1 ELSE $now END
        END AS coming,
        CASE
            WHEN NOT o.invoices_read THEN o.reason
            WHEN o.without_total > 0 THEN 'an invoice has no total'
            WHEN o.without_day > 0 THEN 'an invoice has neither a period nor a day of issue'
            WHEN o.has_older_bills
                THEN 'the CRM counts more paid bills than there are invoices: the first bill may '
                    || 'be older'
            WHEN o.since <= CAST($since AS DATE) + CAST($first_period AS INTEGER)
                AND coalesce(o.created < CAST($since AS DATE), true)
                THEN 'it was billed as soon as invoices are known: the first bill may be older'
        END AS gap
    FROM north_organizations o
    LEFT JOIN bills b USING (organization_id)
    LEFT JOIN unbilled u USING (organization_id)
)
SELECT *,
    CASE
        WHEN $unbilled AND proposal < coalesce(bill, proposal + 1) THEN 'proposal'
        WHEN bill IS NOT NULL THEN 'bill'
        WHEN credit IS NOT NULL THEN 'credit'
        WHEN proposal IS NOT NULL THEN 'proposal'
        WHEN coming IS NOT NULL THEN 'forecast'
        ELSE 'none'
    END AS entry
FROM known
"""

_STANDINGS = """
WITH entered AS (
    SELECT *,
        CASE entry WHEN 'bill' THEN bill WHEN 'credit' THEN credit
            WHEN 'proposal' THEN proposal WHEN 'forecast' THEN coming END AS cohort
    FROM north_entries
),
looked AS (
    SELECT e.*,
        coalesce(b.billed, u.proposed, CAST(round(100 * e.forecast) AS BIGINT)) AS first_bill,
        b.revenue AS base,
        coalesce(b.is_one_off, false) OR coalesce(c.is_one_off, false) AS is_one_off,
        coalesce(c.revenue, 0) AS current,
        coalesce(c.is_open AND c.revenue > 0, false) AS is_open,
        coalesce(c.by_startup_credit, false) AS current_by_credit,
        coalesce(c.billed, 0) > 0 AS is_billed,
        coalesce(c.may_be_one_off, false) AS may_be_one_off,
        c.month IS NOT NULL AS has_bill,
        coalesce(d.has_draft, false) AS has_draft,
        e.cohort + $months >= $now AS is_young,
        e.cohort + $months >= 12 * year(e.until) + month(e.until) - 1 AS is_not_over
    FROM entered e
    LEFT JOIN north_months b ON b.organization_id = e.organization_id AND b.month = e.cohort
    LEFT JOIN north_unbilled u ON u.organization_id = e.organization_id AND u.month = e.cohort
        AND u.proposed > 0
    LEFT JOIN north_months c
        ON c.organization_id = e.organization_id AND c.month = e.cohort + $months
    LEFT JOIN north_unbilled d
        ON d.organization_id = e.organization_id AND d.month = e.cohort + $months
),
judged AS (
    SELECT *,
        CASE
            WHEN is_excluded THEN 'excluded'
            WHEN gap IS NOT NULL THEN 'not_evaluated'
            WHEN entry = 'none' THEN 'never_crossed'
            WHEN entry = 'credit' OR (
                entry = 'bill' AND $by_credit <> 'count' AND current_by_credit AND NOT is_young
            ) THEN if($by_credit = 'drop', 'dropped_credit', 'startup_credit')
            WHEN entry = 'proposal' AND $unbilled <> 'count'
                THEN if($unbilled = 'drop', 'dropped_proposal', 'never_billed')
            WHEN is_handed_over AND $handovers = 'apart' THEN 'handed_over'
            WHEN is_handed_over AND $handovers = 'drop' THEN 'dropped_handover'
            WHEN is_young THEN 'too_young'
            WHEN is_not_over THEN 'unknown_pulled'
            WHEN current > 0 THEN 'retained'
            WHEN is_handed_over AND $handovers = 'retained' THEN 'retained_by_handover'
            WHEN may_be_one_off THEN 'unknown_credit'
            WHEN has_draft THEN 'unknown_draft'
            ELSE 'lost'
        END AS verdict
    FROM looked
)
SELECT
    organization_id,
    name,
    regexp_replace(verdict, '^(unknown|dropped)_.*$', '\\1') AS status,
    CASE verdict
        WHEN 'excluded' THEN 'excluded by name'
        WHEN 'not_evaluated' THEN gap
        WHEN 'never_crossed' THEN 'no bill of a month was over the threshold'
        WHEN 'too_young' THEN if(entry = 'forecast',
            'the bill is a forecast of the month that runs', 'the months are not over')
        WHEN 'startup_credit' THEN if(entry = 'credit', 'paid by startup credit',
            'paid by startup credit in the later month')
        WHEN 'dropped_credit' THEN 'paid by startup credit'
        WHEN 'never_billed' THEN 'drafts or voided invoices only'
        WHEN 'dropped_proposal' THEN 'drafts or voided invoices only'
        WHEN 'handed_over' THEN 'handed to Sales'
        WHEN 'dropped_handover' THEN 'handed to Sales'
        WHEN 'unknown_pulled' THEN 'it was pulled before the month was over'
        WHEN 'unknown_credit' THEN 'a credit took the bill; whether it was one-off, only '
            || 'the month after will tell'
        WHEN 'unknown_draft' THEN 'the bill of the month is still a draft'
        WHEN 'retained_by_handover' THEN 'handed to Sales, no revenue in the month'
        WHEN 'lost' THEN if(has_bill, 'the bill of the month brought no revenue',
            'no bill in the month')
        ELSE ''
    END AS reason,
    CASE WHEN verdict NOT IN ('excluded', 'not_evaluated')
        THEN make_date(cohort // 12, cohort % 12 + 1, 1) END AS cohort,
    entry = 'forecast' AS is_forecast,
    CASE WHEN verdict NOT IN ('excluded', 'not_evaluated') AND cohort IS NOT NULL
        THEN first_bill END AS first_bill_cents,
    CASE WHEN verdict IN ('retained', 'retained_by_handover', 'lost')
        THEN coalesce(base, 0) END AS base_cents,
    CASE WHEN verdict IN ('retained', 'retained_by_handover', 'lost')
        THEN current END AS current_cents,
    CASE WHEN verdict IN ('startup_credit', 'never_billed', 'handed_over')
        AND NOT is_young AND NOT is_not_over THEN is_billed END AS is_billed,
    verdict = 'retained' AND is_open AS is_open,
    verdict IN ('retained', 'retained_by_handover', 'lost') AND is_one_off AS is_one_off,
    crm_read
FROM judged
ORDER BY organization_id
"""
