-- What a unit of a product cost over the last complete billing periods, as billed.
-- scope: product
-- subject: bill_lines
-- unknown: fewer than four complete billing periods with an amount and a quantity are known
-- fact unit_cost_rise_percent | percent | rise of the billed amount per unit over three periods; a fall is negative
-- fact unit_cost_rise_usd | USD | what that rise makes at the last period's usage, before discounts (actual)
WITH told AS (
    SELECT
        l.organization_id,
        l.product,
        l.quantity,
        CAST(l.amount_usd AS DOUBLE) AS usd,
        row_number() OVER (
            PARTITION BY l.organization_id, l.product ORDER BY l.period_start DESC
        ) AS place
    FROM bill_lines l
    JOIN audited a ON a.organization_id = l.organization_id
    WHERE l.is_complete AND l.period_end <= a.as_of AND l.quantity > 0 AND l.amount_usd IS NOT NULL
),
compared AS (
    SELECT
        organization_id,
        product,
        max(usd) FILTER (place = 1) AS now_usd,
        -- What the last period's units would have cost at the earlier cost of a unit.
        max(usd) FILTER (place = 4) * max(quantity) FILTER (place = 1)
        / max(quantity) FILTER (place = 4) AS before_usd
    FROM told
    GROUP BY ALL
)
SELECT
    k.organization_id,
    k.product,
    CASE WHEN c.before_usd > 0 THEN 100 * c.now_usd / c.before_usd - 100 END
        AS unit_cost_rise_percent,
    CASE WHEN c.before_usd > 0 THEN c.now_usd - c.before_usd END AS unit_cost_rise_usd
FROM fact_keys k
LEFT JOIN compared c ON c.organization_id = k.organization_id AND c.product = k.product
