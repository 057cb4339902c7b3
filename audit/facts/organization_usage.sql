-- Exceptions of the whole organization, and limits that are no default.
-- scope: organization
-- fact organization_exceptions | exceptions | billed exceptions of all projects in the window | usage_daily
-- fact own_limits | limits | billing limits other than the vendor's defaults | limits
SELECT
    a.organization_id,
    coalesce(e.quantity, 0) AS organization_exceptions,
    coalesce(l.limits, 0) AS own_limits
FROM audited a
LEFT JOIN (
    SELECT key, sum(billed) AS quantity FROM billed_by_project
    WHERE meter = 'error_tracking' GROUP BY ALL
) e ON e.key = a.key
LEFT JOIN (
    SELECT l.organization_id, count(*) AS limits
    FROM limits l LEFT JOIN default_limits d ON d.product = l.product
    WHERE l.limit_usd IS NOT NULL AND l.limit_usd IS DISTINCT FROM d.amount_usd
    GROUP BY ALL
) l ON l.organization_id = a.organization_id
