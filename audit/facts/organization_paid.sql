-- Paid invoices of billing months, up to the audit's day.
-- scope: organization
-- subject: invoices
-- unknown: there is no paid invoice of a billing month
-- fact paid_invoices | invoices | paid invoices over 0 USD, yearly ones left out
-- fact mean_paid_invoice_usd | USD | mean of the last three of them, or of those there are (actual)
WITH paid AS (
    SELECT
        i.organization_id,
        i.total_usd,
        row_number() OVER (
            PARTITION BY i.organization_id
            ORDER BY coalesce(i.period_end, CAST(i.issued_at AS DATE)) DESC, i.invoice_id
        ) AS place
    FROM invoices i
    JOIN audited a ON a.organization_id = i.organization_id
    WHERE i.status = 'paid' AND i.total_usd > 0
        AND coalesce(i.period_end, CAST(i.issued_at AS DATE)) <= a.as_of
        AND coalesce(date_diff('day', i.period_start, i.period_end), 0) <= 62
),
means AS (
    SELECT
        organization_id,
        count(*) AS invoices,
        avg(CAST(total_usd AS DOUBLE)) FILTER (place <= 3) AS usd
    FROM paid GROUP BY ALL
)
SELECT
    a.organization_id,
    coalesce(m.invoices, 0) AS paid_invoices,
    m.usd AS mean_paid_invoice_usd
FROM audited a
LEFT JOIN means m ON m.organization_id = a.organization_id
