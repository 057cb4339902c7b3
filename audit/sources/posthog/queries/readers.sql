-- Members who looked at each product: distinct people behind queries of the logged-in app.
-- The archive names the kind of query and the path, not the product; this maps them:
--   llm_analytics     trace queries; paths with llm_analytics
--   error_tracking    kinds starting ErrorTracking; paths with error_tracking
--   session_replay    RecordingsQuery; paths with session_recordings
--   surveys           kinds starting Survey; paths with surveys
--   logs              kinds starting Logs or LogQuery; paths with logs
--   data_warehouse    SQL written by hand (HogQLQuery, DataVisualizationNode): generous, since
--                     whether such a query read a synced table is not recorded
--   product_analytics every other kind ending in Query (insights, web analytics, event lists)
-- Known limits: an answer served from cache leaves no row, so this undercounts; keys, shared
-- links and the vendor's own staff are left out; a page that runs no query is not seen.
-- Source: posthog/hogql/database/schema/query_log_archive.py.
SELECT
    multiIf(
        lc_query__kind IN ('TracesQuery', 'TraceQuery', 'TraceNeighborsQuery') OR match(lc_id, '/llm_analytics/'), 'llm_analytics',
        startsWith(lc_query__kind, 'ErrorTracking') OR match(lc_id, '/error_tracking/'), 'error_tracking',
        lc_query__kind = 'RecordingsQuery' OR match(lc_id, '/session_recordings/'), 'session_replay',
        startsWith(lc_query__kind, 'Survey') OR match(lc_id, '/surveys/'), 'surveys',
        startsWith(lc_query__kind, 'Log') OR match(lc_id, '/logs/'), 'logs',
        lc_query__kind IN ('HogQLQuery', 'DataVisualizationNode'), 'data_warehouse',
        match(lc_query__kind, 'Query$'), 'product_analytics',
        'other'
    ) AS product,
    count(DISTINCT lc_user_id) AS quantity
FROM raw_query_log
WHERE event_time >= toDateTime({start}, 'UTC')
    AND event_time < toDateTime({end}, 'UTC')
    AND lc_access_method = ''
    AND NOT lc_is_impersonated
    AND lc_user_id > 0
GROUP BY product
ORDER BY product
