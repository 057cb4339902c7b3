-- Bills of the last complete billing periods, by the vendor's lines, after the percentage discount.
-- scope: organization
-- subject: bill_lines
-- unknown: fewer complete billing periods with an amount are known
-- fact line_bills | bills | complete billing periods with an amount
-- fact line_bill_1_usd | USD | bill of the last complete billing period, by its lines (actual)
-- fact line_bill_2_usd | USD | bill of the period before (actual)
-- fact line_bill_3_usd | USD | bill of the one before that (actual)
WITH periods AS (
    SELECT l.organization_id, l.period_end, sum(l.amount_usd) AS usd
    FROM bill_lines l
    JOIN audited a ON a.organization_id = l.organization_id
    WHERE l.is_complete AND l.period_end <= a.as_of AND l.amount_usd IS NOT NULL
    GROUP BY ALL
),
listed AS (
    SELECT organization_id, list(CAST(usd AS DOUBLE) ORDER BY period_end DESC) AS bills
    FROM periods
    GROUP BY ALL
),
shared AS (
    SELECT
        organization_id,
        1 - coalesce(CAST(discount_percent AS DOUBLE), 0) / 100 AS paid_share
    FROM organizations
)
SELECT
    a.organization_id,
    coalesce(len(l.bills), 0) AS line_bills,
    l.bills[1] * s.paid_share AS line_bill_1_usd,
    l.bills[2] * s.paid_share AS line_bill_2_usd,
    l.bills[3] * s.paid_share AS line_bill_3_usd
FROM audited a
JOIN shared s ON s.organization_id = a.organization_id
LEFT JOIN listed l ON l.organization_id = a.organization_id
