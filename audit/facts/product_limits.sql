-- Billing limits against what is billed so far. A limit of 0 is reached by any charge.
-- A limit is on what is paid: at 20 percent off, a limit of 200 USD is met by 250 USD of usage.
-- scope: product
-- subject: limits
-- unknown: nothing tells what was billed so far this period, so how much of the limit is used is unknown
-- fact data_was_cut | claim | data was dropped this period because of the limit
-- fact limit_is_set | claim | the product has a billing limit; one of 0 is one
-- fact limit_is_default | claim | the limit is the vendor's default for the product
-- fact limit_used_percent | percent | billed so far this period, of the limit; 0 without a limit or where none cuts, 100 where data was cut and the amount is unknown
WITH asked AS (
    SELECT
        limits.*,
        coalesce(limit_usd = default_limits.amount_usd, false) AS is_default,
        CAST(lines.amount_usd AS DOUBLE)
            * (1 - coalesce(CAST(organizations.discount_percent AS DOUBLE), 0) / 100) AS billed_usd,
        coalesce(organizations.never_drop_data, false) AS never_drops,
        lines.organization_id IS NULL
            AND organizations.period_start IS NOT NULL
            AND coalesce(covered.complete, false) AS nothing_billed
    FROM limits
    LEFT JOIN default_limits ON default_limits.product = limits.product
    LEFT JOIN organizations ON organizations.organization_id = limits.organization_id
    LEFT JOIN covered_whole AS covered
        ON covered.organization_id = limits.organization_id AND covered.subject = 'bill_lines'
    LEFT JOIN bill_lines AS lines
        ON
            lines.organization_id = limits.organization_id
            AND lines.product = limits.product
            AND lines.period_start = organizations.period_start
)
SELECT
    organization_id,
    product,
    coalesce(data_was_cut, false) AS data_was_cut,
    limit_usd IS NOT NULL AS limit_is_set,
    is_default AS limit_is_default,
    CASE
        WHEN limit_usd IS NULL OR nothing_billed OR never_drops THEN 0
        WHEN limit_usd > 0 AND billed_usd IS NOT NULL
            THEN 100 * billed_usd / CAST(limit_usd AS DOUBLE)
        WHEN limit_usd = 0 AND billed_usd IS NOT NULL THEN if(billed_usd > 0, 100, 0)
        WHEN usage_limit > 0 AND usage IS NOT NULL THEN 100.0 * usage / usage_limit
        WHEN data_was_cut THEN 100
    END AS limit_used_percent
FROM asked
