-- Members who looked at each product, and how many queries people and keys ran.
-- The archive names the kind of query and the path, not the product; this maps them:
--   llm_analytics     trace queries; paths with llm_analytics
--   error_tracking    kinds starting ErrorTracking; paths with error_tracking
--   session_replay    RecordingsQuery; paths with session_recordings
--   surveys           kinds starting Survey; paths with surveys
--   logs              kinds starting Logs or LogQuery; paths with logs
--   data_warehouse    SQL written by hand (HogQLQuery, DataVisualizationNode): generous, since
--                     whether such a query read a synced table is not recorded
--   web_analytics     kinds starting Web (WebOverviewQuery, WebVitalsQuery); counts for
--                     product_analytics too, whose events it reads
--   product_analytics every other kind ending in Query (insights, event lists)
-- app_queries are those of the logged-in app, api_queries those of keys, failed_queries the
-- failed ones of both. One query of a person can be several of the database.
-- Known limits: an answer served from cache leaves no row, so people and queries are undercounts;
-- shared links and the vendor's own staff are left out; a page that runs no query is not seen.
-- Source: posthog/hogql/database/schema/query_log_archive.py; lc_access_method as in
-- posthog/clickhouse/query_tagging.py.
SELECT
    uniqExactIf(person, in_app AND product IN ('product_analytics', 'web_analytics', 'data_warehouse')) AS people_using_product_analytics,
    uniqExactIf(person, in_app AND product = 'web_analytics') AS people_using_web_analytics,
    uniqExactIf(person, in_app AND product = 'session_replay') AS people_using_session_replay,
    uniqExactIf(person, in_app AND product = 'surveys') AS people_using_surveys,
    uniqExactIf(person, in_app AND product = 'error_tracking') AS people_using_error_tracking,
    uniqExactIf(person, in_app AND product = 'llm_analytics') AS people_using_llm_analytics,
    uniqExactIf(person, in_app AND product = 'data_warehouse') AS people_using_data_warehouse,
    uniqExactIf(person, in_app AND product = 'logs') AS people_using_logs,
    countIf(in_app) AS app_queries,
    countIf(by_key) AS api_queries,
    countIf((in_app OR by_key) AND has_failed) AS failed_queries
FROM (
    SELECT
        lc_user_id AS person,
        multiIf(
            lc_query__kind IN ('TracesQuery', 'TraceQuery', 'TraceNeighborsQuery') OR match(lc_id, '/llm_analytics/'), 'llm_analytics',
            startsWith(lc_query__kind, 'ErrorTracking') OR match(lc_id, '/error_tracking/'), 'error_tracking',
            lc_query__kind = 'RecordingsQuery' OR match(lc_id, '/session_recordings/'), 'session_replay',
            startsWith(lc_query__kind, 'Survey') OR match(lc_id, '/surveys/'), 'surveys',
            startsWith(lc_query__kind, 'Log') OR match(lc_id, '/logs/'), 'logs',
            lc_query__kind IN ('HogQLQuery', 'DataVisualizationNode'), 'data_warehouse',
            startsWith(lc_query__kind, 'Web'), 'web_analytics',
            match(lc_query__kind, 'Query$'), 'product_analytics',
            'other'
        ) AS product,
        (lc_access_method = '' AND lc_user_id > 0) AS in_app,
        lc_access_method IN ('personal_api_key', 'project_secret_api_key', 'team_secret_token') AS by_key,
        type IN ('ExceptionBeforeStart', 'ExceptionWhileProcessing') AS has_failed
    FROM raw_query_log
    WHERE event_time >= toDateTime({start}, 'UTC')
        AND event_time < toDateTime({end}, 'UTC')
        AND type != 'QueryStart'
        AND NOT lc_is_impersonated
)
