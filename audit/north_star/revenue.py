"""What every organization was billed and paid in every month, from its invoices.

A month is that of the last day of a billing period, so that each monthly period has exactly one,
and a month is over for everybody on its last day. It is counted from year 0: 12 x year + month - 1.
Amounts are whole cents. Only what was over by the day until which an organization is known counts.
"""

from collections.abc import Collection
from datetime import date

import duckdb

from audit import lifecycle
from audit.north_star.published import published
from audit.north_star.treatments import Treatments

#: Longer than two months: an invoice for a term, as in all facts about invoices.
TERM_DAYS = 62


def prepare(
    connection: duckdb.DuckDBPyConnection,
    as_of: date,
    treatments: Treatments,
    excluded: Collection[str] = (),
) -> None:
    """Make the temporary tables that standing is told from.

    north_organizations: one row per organization of the store, with ``until`` (the first day of
    which nothing is known), what the CRM and billing say of it, and what was read of it.
    north_months: one row per organization and month with a bill: billed (before credit), net and
    revenue (with one-off credit put back), whether startup credit paid it, whether its credit may
    turn out one-off, and whether some of it is not paid yet.
    north_unbilled: one row per organization and month with a draft or a voided invoice: what they
    come to where nothing was billed in the month (else 0), and whether there is a draft.
    """
    lifecycle.prepare(connection)
    connection.execute(_ORGANIZATIONS, {"as_of": as_of.isoformat(), "exclude": list(excluded)})
    connection.execute(_SLOTS, {"term": TERM_DAYS})
    connection.execute(
        _SUMS,
        {
            "gives_up": treatments.uncollectible == "no_revenue",
            "refunds": treatments.refunds == "subtract",
            "credits": treatments.credits != "ignore",
        },
    )
    connection.execute(
        _MONTHS,
        {"override": treatments.credits == "override", "share": published().credit_share},
    )
    connection.execute(_UNBILLED)


_ORGANIZATIONS = """
CREATE OR REPLACE TEMP TABLE north_organizations AS
WITH said AS (
    SELECT organization_id,
        bool_or(claim) FILTER (field = 'is_startup_plan') AS startup,
        max(number) FILTER (field = 'paid_nonzero_bills') AS paid_bills,
        max(number) FILTER (field = 'forecasted_mrr_usd') AS forecast
    FROM lifecycle_values GROUP BY ALL
),
segments AS (
    SELECT organization_id,
        bool_or(role = 'startup') AS startup,
        bool_or(role = 'prepaid') AS prepaid,
        bool_or(role = 'handed_over') AS handed_over
    FROM lifecycle_segments WHERE role IS NOT NULL GROUP BY ALL
),
covered AS (
    SELECT organization_id,
        bool_and(complete) FILTER (subject = 'invoices') AS invoices,
        any_value(reason) FILTER (subject = 'invoices' AND NOT complete) AS reason,
        bool_and(complete) FILTER (subject = 'lifecycle') AS crm
    FROM coverage WHERE subject IN ('invoices', 'lifecycle') GROUP BY ALL
),
sent AS (
    SELECT organization_id,
        count(*) FILTER (status = 'paid' AND total_usd > 0) AS paid,
        count(*) FILTER (total_usd IS NULL AND status IN ('paid', 'open', 'uncollectible'))
            AS without_total,
        count(*) FILTER (
            period_end IS NULL AND issued_at IS NULL AND total_usd <> 0
            AND status IN ('paid', 'open', 'uncollectible')
        ) AS without_day,
        min(CASE WHEN status IN ('paid', 'open', 'uncollectible')
            THEN coalesce(period_start, period_end, CAST(issued_at AS DATE)) END) AS since
    FROM invoices GROUP BY ALL
),
running AS (
    SELECT l.organization_id, CAST(sum(l.projected_amount_usd) AS DOUBLE) AS forecast
    FROM bill_lines l JOIN organizations o
        ON o.organization_id = l.organization_id AND o.period_start = l.period_start
    WHERE NOT coalesce(l.is_complete, false) GROUP BY ALL
)
SELECT
    o.organization_id,
    o.name,
    CAST(o.created_at AS DATE) AS created,
    least(CAST($as_of AS DATE), CAST(o.as_of AS DATE)) AS until,
    list_contains($exclude, o.organization_id) AS is_excluded,
    coalesce(trim(o.startup_program) <> '', false) OR coalesce(s.startup, false)
        OR coalesce(g.startup, false) AS is_startup,
    coalesce(o.is_annual_plan_customer, false) OR coalesce(g.prepaid, false) AS is_prepaid,
    coalesce(t.stage = 'sales', false) OR coalesce(g.handed_over, false) AS is_handed_over,
    coalesce(c.invoices, false) AS invoices_read,
    coalesce(c.reason, 'invoices were not read') AS reason,
    coalesce(c.crm, false) AS crm_read,
    coalesce(i.without_total, 0) AS without_total,
    coalesce(i.without_day, 0) AS without_day,
    i.since,
    coalesce(s.paid_bills, 0) > coalesce(i.paid, 0) AS has_older_bills,
    -- What is forecast now says nothing of a day before.
    CASE WHEN CAST($as_of AS DATE) >= CAST(o.as_of AS DATE) THEN coalesce(
        s.forecast,
        -- A yearly period is forecast for the year.
        CASE WHEN coalesce(o.period_interval, 'month') <> 'year' THEN coalesce(
            CAST(o.projected_total_after_discount_usd AS DOUBLE),
            CAST(o.projected_total_usd AS DOUBLE) * (1 - coalesce(o.discount_percent, 0) / 100),
            r.forecast * (1 - coalesce(o.discount_percent, 0) / 100)
        ) END
    ) END AS forecast,
    CAST(o.period_end AS DATE) AS period_end
FROM organizations o
LEFT JOIN said s USING (organization_id)
LEFT JOIN segments g USING (organization_id)
LEFT JOIN lifecycle_stage t USING (organization_id)
LEFT JOIN covered c USING (organization_id)
LEFT JOIN sent i USING (organization_id)
LEFT JOIN running r USING (organization_id)
"""

# A term is spread evenly over its months, a remainder by its days. A period of no days, as some
# invoices have it, is the month before its end.
_SLOTS = """
CREATE OR REPLACE TEMP TABLE north_slots AS
WITH placed AS (
    SELECT
        i.organization_id, i.invoice_id, i.status,
        CAST(i.total_usd AS DOUBLE) AS total,
        CAST(coalesce(i.amount_due_usd, i.total_usd) AS DOUBLE) AS due,
        CAST(coalesce(i.credited_usd, 0) AS DOUBLE) AS credited,
        CAST(coalesce(i.period_end, i.issued_at) AS DATE) AS ended,
        CASE WHEN i.period_start < i.period_end THEN CAST(i.period_start AS DATE)
            ELSE CAST(CAST(coalesce(i.period_end, i.issued_at) AS DATE) - INTERVAL 1 MONTH AS DATE)
        END AS began
    FROM invoices i
    WHERE coalesce(i.period_end, i.issued_at) IS NOT NULL
),
parted AS (
    SELECT *, unnest(range(0, date_diff('month', began, ended) + 1)) AS part FROM placed
),
bounded AS (
    SELECT *,
        CAST(began + to_months(CAST(part AS INTEGER)) AS DATE) AS part_began,
        CAST(began + to_months(CAST(part + 1 AS INTEGER)) AS DATE) AS part_ended
    FROM parted
),
weighed AS (
    SELECT *,
        least(part_ended, ended) AS until,
        CASE WHEN part_ended <= ended THEN 1.0
            ELSE (ended - part_began) / (365.25 / 12) END AS weight
    FROM bounded WHERE part_began < ended
),
shared AS (
    SELECT *,
        weight / sum(weight) OVER (PARTITION BY organization_id, invoice_id) AS share
    FROM weighed
)
SELECT
    s.organization_id,
    s.status,
    s.status IN ('paid', 'open', 'uncollectible') AS is_bill,
    s.ended - s.began > $term AS is_term,
    12 * year(s.until - 1) + month(s.until - 1) - 1 AS month,
    s.total * s.share AS total,
    s.due * s.share AS due,
    s.credited * s.share AS credited
FROM shared s
JOIN north_organizations o USING (organization_id)
WHERE s.until <= o.until
"""

# Where a term is paid for, what monthly invoices draw from its credit is not counted again.
_SUMS = """
CREATE OR REPLACE TEMP TABLE north_sums AS
WITH billed AS (
    SELECT *,
        bool_or(is_term) OVER (PARTITION BY organization_id, month) AS in_term,
        status = 'uncollectible' AND $gives_up AS given_up
    FROM north_slots WHERE is_bill
),
counted AS (
    SELECT *,
        CASE WHEN in_term AND NOT is_term THEN least(due, total) ELSE total END AS amount,
        CASE WHEN in_term AND NOT is_term THEN 0 ELSE greatest(total - due, 0) END AS from_balance
    FROM billed
),
summed AS (
    SELECT
        organization_id,
        month,
        bool_or(status = 'open' AND amount > 0) AS is_open,
        sum(amount) AS billed,
        coalesce(sum(amount) FILTER (NOT given_up), 0) AS collected,
        coalesce(sum(from_balance) FILTER (NOT given_up), 0) AS from_balance,
        coalesce(sum(credited) FILTER (NOT given_up), 0) AS credited
    FROM counted GROUP BY ALL
),
judged AS (
    SELECT s.*,
        o.is_startup AND s.billed > 0 AND 2 * s.from_balance >= s.billed AS by_startup_credit,
        o.is_prepaid
    FROM summed s JOIN north_organizations o USING (organization_id)
),
reduced AS (
    SELECT *,
        credited * CAST($refunds AS INTEGER) + CASE
            WHEN by_startup_credit OR is_prepaid OR NOT $credits THEN 0 ELSE from_balance
        END AS reduction
    FROM judged
)
SELECT
    organization_id,
    month,
    by_startup_credit,
    is_open,
    CAST(round(100 * billed) AS BIGINT) AS billed,
    CAST(round(100 * collected) AS BIGINT) AS collected,
    CAST(round(100 * reduction) AS BIGINT) AS reduction,
    greatest(CAST(round(100 * collected) AS BIGINT) - CAST(round(100 * reduction) AS BIGINT), 0)
        AS net
FROM reduced
"""

_MONTHS = """
CREATE OR REPLACE TEMP TABLE north_months AS
WITH beside AS (
    SELECT s.*,
        coalesce(before.net, 0) AS before,
        coalesce(earlier.net, 0) AS earlier,
        coalesce(after.net, 0) AS after,
        -- The month after is over on the first day of the one that follows it.
        make_date((s.month + 2) // 12, (s.month + 2) % 12 + 1, 1) <= o.until AS after_is_over
    FROM north_sums s
    JOIN north_organizations o USING (organization_id)
    LEFT JOIN north_sums before
        ON before.organization_id = s.organization_id AND before.month = s.month - 1
    LEFT JOIN north_sums earlier
        ON earlier.organization_id = s.organization_id AND earlier.month = s.month - 2
    LEFT JOIN north_sums after
        ON after.organization_id = s.organization_id AND after.month = s.month + 1
),
ruled AS (
    SELECT *,
        $override AND reduction > 0 AND before > 0 AND reduction >= $share * before AS is_large
    FROM beside
)
SELECT
    organization_id,
    month,
    by_startup_credit,
    is_open,
    billed,
    net,
    is_large AND NOT after_is_over AS may_be_one_off,
    is_large AND after_is_over AND 2 * after >= before + earlier AS is_one_off,
    CASE WHEN is_large AND after_is_over AND 2 * after >= before + earlier
        THEN collected ELSE net END AS revenue
FROM ruled
"""

_UNBILLED = """
CREATE OR REPLACE TEMP TABLE north_unbilled AS
SELECT
    s.organization_id,
    s.month,
    CAST(round(100 * coalesce(sum(s.total) FILTER (b.month IS NULL), 0)) AS BIGINT) AS proposed,
    bool_or(s.status = 'draft' AND coalesce(s.total, 1) > 0) AS has_draft
FROM north_slots s
LEFT JOIN north_sums b ON b.organization_id = s.organization_id AND b.month = s.month
WHERE NOT s.is_bill
GROUP BY ALL
"""
