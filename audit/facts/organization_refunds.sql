-- The newest bill against those before it, and what was refunded already. Invoices of more than
-- two months (a prepaid plan) are left out; what is a draft or void was never asked for.
-- scope: organization
-- subject: invoices
-- unknown: an invoice has no total, or nothing says whether it was credited, or the CRM is silent
-- fact invoices_sent | bills | billing periods that were invoiced, those of 0 USD too
-- fact newest_invoice_usd | USD | the newest of them; 0 where there is none (actual)
-- fact days_since_billing | days | since the newest was issued, or since its period ended; 3660 where there is none
-- fact usual_invoice_usd | USD | mean of the three before it, or of those there are; 0 where there is none (actual)
-- fact times_usual_invoice | times | the newest over the usual; 0 where there is no usual one
-- fact largest_earlier_invoice_usd | USD | the largest of all before it; 0 where there is none (actual)
-- fact credited_invoices | refunds | invoices that credit notes were put on
-- fact crm_earlier_refunds | refunds | refunds given before, by the CRM | lifecycle
WITH bills AS (
    SELECT
        i.organization_id,
        coalesce(i.period_end, CAST(i.issued_at AS DATE)) AS ended,
        max(coalesce(CAST(i.issued_at AS DATE), i.period_end)) AS billed,
        CASE WHEN count(*) = count(i.total_usd) THEN CAST(sum(i.total_usd) AS DOUBLE) END AS usd
    FROM invoices i
    JOIN audited a ON a.organization_id = i.organization_id
    WHERE i.status IN ('open', 'paid', 'uncollectible')
        AND coalesce(date_diff('day', i.period_start, i.period_end), 0) <= 62
        AND coalesce(CAST(i.issued_at AS DATE), i.period_end) <= a.as_of
    GROUP BY ALL
),
placed AS (
    SELECT *, row_number() OVER (PARTITION BY organization_id ORDER BY ended DESC) AS place
    FROM bills
),
summed AS (
    SELECT
        organization_id,
        count(*) AS bills,
        count(usd) = count(*) AS all_known,
        any_value(usd) FILTER (place = 1) AS newest,
        any_value(billed) FILTER (place = 1) AS billed,
        coalesce(avg(usd) FILTER (place BETWEEN 2 AND 4), 0) AS usual,
        coalesce(max(usd) FILTER (place > 1), 0) AS largest
    FROM placed
    GROUP BY ALL
),
credited AS (
    SELECT
        organization_id,
        count(*) FILTER (credited_usd > 0) AS credited,
        count(*) FILTER (credited_usd IS NULL) AS untold
    FROM invoices
    WHERE status IN ('open', 'paid', 'uncollectible')
    GROUP BY ALL
),
said AS (
    SELECT organization_id, max(number) AS refunds
    FROM lifecycle_values WHERE field = 'earlier_refunds' GROUP BY ALL
)
SELECT
    a.organization_id,
    coalesce(s.bills, 0) AS invoices_sent,
    if(s.bills IS NULL, 0, s.newest) AS newest_invoice_usd,
    coalesce(date_diff('day', s.billed, a.as_of), 3660) AS days_since_billing,
    CASE WHEN s.bills IS NULL THEN 0 WHEN s.all_known THEN s.usual END AS usual_invoice_usd,
    CASE
        WHEN s.bills IS NULL THEN 0
        WHEN s.all_known THEN if(s.usual > 0, s.newest / s.usual, 0)
    END AS times_usual_invoice,
    CASE WHEN s.bills IS NULL THEN 0 WHEN s.all_known THEN s.largest END
        AS largest_earlier_invoice_usd,
    CASE WHEN coalesce(c.credited, 0) > 0 OR coalesce(c.untold, 0) = 0
        THEN coalesce(c.credited, 0) END AS credited_invoices,
    r.refunds AS crm_earlier_refunds
FROM audited a
LEFT JOIN summed s ON s.organization_id = a.organization_id
LEFT JOIN credited c ON c.organization_id = a.organization_id
LEFT JOIN said r ON r.organization_id = a.organization_id
