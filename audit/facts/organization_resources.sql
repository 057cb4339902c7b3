-- What is switched on anywhere in the organization.
-- scope: organization
-- fact active_batch_exports | exports | batch exports switched on | resources.batch_export
-- fact active_destinations | destinations | realtime destinations switched on | resources.destination
-- fact organization_flags_in_use | flags | flags that are on and were called lately, but those that target surveys and tours | resources.flag
SELECT
    organization_id,
    count(*) FILTER (kind = 'batch_export') AS active_batch_exports,
    count(*) FILTER (kind = 'destination') AS active_destinations,
    count(*) FILTER (
        kind = 'flag'
        AND NOT starts_with(coalesce(name, ''), 'survey-targeting-')
        AND NOT starts_with(coalesce(name, ''), 'product-tour-targeting-')
    ) AS organization_flags_in_use
FROM resources
WHERE state = 'active'
GROUP BY ALL
