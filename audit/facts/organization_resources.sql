-- What is switched on anywhere in the organization.
-- scope: organization
-- fact active_batch_exports | exports | batch exports switched on | resources.batch_export
-- fact active_destinations | destinations | realtime destinations switched on | resources.destination
-- fact organization_flags_in_use | flags | flags that are on and were called lately, but those that target surveys and tours | resources.flag
-- fact revenue_tables | tables | synced warehouse tables named after money: charges, invoices, subscriptions | resources.warehouse_schema
SELECT
    organization_id,
    count(*) FILTER (kind = 'batch_export') AS active_batch_exports,
    count(*) FILTER (kind = 'destination') AS active_destinations,
    count(*) FILTER (
        kind = 'flag'
        AND NOT starts_with(coalesce(name, ''), 'survey-targeting-')
        AND NOT starts_with(coalesce(name, ''), 'product-tour-targeting-')
    ) AS organization_flags_in_use,
    count(*) FILTER (
        kind = 'warehouse_schema'
        AND regexp_matches(
            coalesce(name, ''),
            'charge|invoice|subscri|payment|order|purchase|revenue|refund|transaction|commission',
            'i'
        )
    ) AS revenue_tables
FROM resources
WHERE state = 'active'
GROUP BY ALL
