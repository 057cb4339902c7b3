-- Deliveries of destinations by outcome. Only billable_invocation is billed. Today the vendor
-- counts it once for each event that triggers anything, under _event_trigger, whatever number of
-- destinations it goes to; earlier it counted by destination
-- (nodejs/src/cdp/consumers/cdp-events.consumer.ts).
-- Table: posthog/hogql/database/schema/app_metrics2.py (app_metrics in HogQL).
-- sums: succeeded, failed, billable
SELECT
    app_source_id AS resource_id,
    sumIf(count, metric_name = 'succeeded') AS succeeded,
    sumIf(count, metric_name = 'failed') AS failed,
    sumIf(count, metric_name = 'billable_invocation') AS billable
FROM app_metrics
WHERE timestamp >= toDateTime({start}, 'UTC')
    AND timestamp < toDateTime({end}, 'UTC')
    AND app_source = 'hog_function'
    AND metric_name IN ('succeeded', 'failed', 'billable_invocation')
GROUP BY resource_id
ORDER BY resource_id
