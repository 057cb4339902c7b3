-- Flags in use. One active flag makes every request billable, so a stale one costs and serves nobody.
-- Stale is the vendor's word: not called for 30 days. Survey and tour targeting flags do not count,
-- they make no request billable.
-- scope: product
-- subject: resources.flag
-- products: feature_flags
-- fact product_users | flags in use | flags that are on and were called lately
SELECT organization_id, 'feature_flags' AS product, count(*) AS product_users
FROM resources
WHERE kind = 'flag'
    AND state = 'active'
    AND NOT starts_with(coalesce(name, ''), 'survey-targeting-')
    AND NOT starts_with(coalesce(name, ''), 'product-tour-targeting-')
GROUP BY ALL
