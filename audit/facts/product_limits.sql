-- Billing limits against what is billed so far. A limit of 0 is reached by any charge.
-- scope: product
-- subject: limits
-- fact data_was_cut | claim | data was dropped this period because of the limit
-- fact limit_is_default | claim | the limit is the vendor's default for the product
-- fact limit_used_percent | percent | billed so far this period, of the limit; 0 without a limit
SELECT
    limits.organization_id,
    limits.product,
    bool_or(coalesce(data_was_cut, false)) AS data_was_cut,
    bool_or(coalesce(limit_usd = default_limits.amount_usd, false)) AS limit_is_default,
    max(
        CASE
            WHEN limit_usd > 0
                THEN coalesce(100.0 * CAST(lines.amount_usd AS DOUBLE) / CAST(limit_usd AS DOUBLE), 0)
            WHEN limit_usd = 0 AND lines.amount_usd > 0 THEN 100
            ELSE 0
        END
    ) AS limit_used_percent
FROM limits
LEFT JOIN default_limits ON default_limits.product = limits.product
LEFT JOIN organizations ON organizations.organization_id = limits.organization_id
LEFT JOIN bill_lines AS lines
    ON
        lines.organization_id = limits.organization_id
        AND lines.product = limits.product
        AND lines.period_start = organizations.period_start
GROUP BY ALL
