-- What was invoiced and paid. Invoices of more than two months (a prepaid plan) are left out.
-- scope: organization
-- subject: invoices
-- unknown: fewer invoices with a period are known
-- fact invoice_bills | bills | billing periods that were invoiced
-- fact invoice_bill_1_usd | USD | bill of the last invoiced billing period (actual)
-- fact invoice_bill_2_usd | USD | bill of the period before (actual)
-- fact invoice_bill_3_usd | USD | bill of the one before that (actual)
-- fact invoiced_paid_bills | bills | invoices over 0 USD that were paid
-- fact open_invoices | invoices | invoices over 0 USD that are not paid, whenever they are due
WITH monthly AS (
    SELECT i.*, coalesce(i.period_end, CAST(i.issued_at AS DATE)) AS ended
    FROM invoices i
    JOIN audited a ON a.organization_id = i.organization_id
    WHERE coalesce(date_diff('day', i.period_start, i.period_end), 0) <= 62
        AND coalesce(i.period_end, CAST(i.issued_at AS DATE)) <= a.as_of
),
periods AS (
    SELECT organization_id, period_end, sum(total_usd) AS usd
    FROM monthly
    WHERE status IN ('open', 'paid', 'uncollectible') AND period_end IS NOT NULL
        AND total_usd IS NOT NULL
    GROUP BY ALL
),
listed AS (
    SELECT organization_id, list(CAST(usd AS DOUBLE) ORDER BY period_end DESC) AS bills
    FROM periods
    GROUP BY ALL
),
counted AS (
    SELECT
        organization_id,
        count(*) FILTER (status = 'paid' AND total_usd > 0) AS paid,
        count(*) FILTER (status IN ('open', 'uncollectible') AND total_usd > 0) AS unpaid
    FROM monthly
    GROUP BY ALL
)
SELECT
    a.organization_id,
    coalesce(len(l.bills), 0) AS invoice_bills,
    l.bills[1] AS invoice_bill_1_usd,
    l.bills[2] AS invoice_bill_2_usd,
    l.bills[3] AS invoice_bill_3_usd,
    coalesce(c.paid, 0) AS invoiced_paid_bills,
    coalesce(c.unpaid, 0) AS open_invoices
FROM audited a
LEFT JOIN listed l ON l.organization_id = a.organization_id
LEFT JOIN counted c ON c.organization_id = a.organization_id
