-- A flag that is on is in use; survey and tour targeting flags do not make requests billable.
-- scope: product
-- subject: resources.flag
-- products: feature_flags
-- fact product_users | active flags | flags switched on that somebody made for a purpose
SELECT organization_id, 'feature_flags' AS product, count(*) AS product_users
FROM resources
WHERE kind = 'flag'
    AND state IN ('active', 'stale')
    AND NOT starts_with(coalesce(name, ''), 'survey-targeting-')
    AND NOT starts_with(coalesce(name, ''), 'product-tour-targeting-')
GROUP BY ALL
