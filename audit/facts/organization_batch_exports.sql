-- Active batch exports.
-- scope: organization
-- subject: resources.batch_export
-- fact active_batch_exports | exports | batch exports switched on
SELECT organization_id, count(*) AS active_batch_exports
FROM resources
WHERE kind = 'batch_export' AND state = 'active'
GROUP BY ALL
