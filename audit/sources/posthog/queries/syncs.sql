-- Rows that warehouse tables synced, and how often: jobs that completed and count for billing.
-- Failed ones are not billed. The first week of a source is free, and rows are billed once per
-- destination (products/warehouse_sources/backend/billing.py); neither can be told from here, so
-- this is what moved, not what was billed.
-- Tables and columns: posthog/hogql/database/schema/system.py (source_sync_jobs; schema_id is the
-- id of source_schemas and of GET external_data_schemas).
-- sums: synced_rows, syncs
SELECT
    toString(schema_id) AS resource_id,
    sum(coalesce(rows_synced, 0)) AS synced_rows,
    count() AS syncs
FROM system.source_sync_jobs
WHERE finished_at >= toDateTime({start}, 'UTC')
    AND finished_at < toDateTime({end}, 'UTC')
    AND status = 'Completed'
    AND billable
GROUP BY resource_id
ORDER BY resource_id
