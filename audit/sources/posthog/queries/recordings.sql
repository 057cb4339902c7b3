-- Recordings by source, library, class of host and length: distinct sessions first seen in the
-- window, not on the day before it, not deleted. The rule of the recording meter
-- (posthog/tasks/usage_report.py), over the window instead of one day.
-- The host is that of the first page seen; recordings of apps have none. domain() is no use
-- here: for an address whose host has no dot (http://localhost:3000) it answers nothing.
-- idle: of the quantity, those of 30 minutes or longer with less than 10 seconds of activity
-- (active_milliseconds of posthog/hogql/database/schema/session_replay_events.py).
SELECT
    source AS source,
    library AS library,
    multiIf(
        empty(host), 'unknown',
        match(host, '^(localhost|127[.]|0[.]0[.]0[.]0|10[.]|192[.]168[.]|[[]::1[]])|[.]local(:|$)|[.]localhost(:|$)'), 'localhost',
        match(host, '(^|[.-])(staging|stage|stg|dev|develop|test|testing|qa|uat|preview|sandbox|demo)[0-9]*([.-]|:|$)|[.](vercel[.]app|netlify[.]app|ngrok[.]io|ngrok-free[.]app|pages[.]dev)(:|$)'), 'staging',
        'production'
    ) AS host_class,
    multiIf(
        milliseconds < 2000, 'under_2_seconds',
        milliseconds < 5000, '2_to_5_seconds',
        '5_seconds_or_longer'
    ) AS duration,
    count() AS quantity,
    countIf(milliseconds >= 1800000 AND milliseconds_active < 10000) AS idle
FROM (
    SELECT
        session_id AS session_id,
        if(argMinMerge(snapshot_source) = 'mobile', 'mobile', 'web') AS source,
        coalesce(nullIf(argMinMerge(snapshot_library), ''), if(argMinMerge(snapshot_source) = 'mobile', 'unknown', 'web')) AS library,
        lower(extractAll(coalesce(argMinMerge(first_url), ''), '://([^/?#]*)')[1]) AS host,
        dateDiff('millisecond', min(min_first_timestamp), max(max_last_timestamp)) AS milliseconds,
        sum(active_milliseconds) AS milliseconds_active
    FROM raw_session_replay_events
    WHERE min_first_timestamp >= toDateTime({start}, 'UTC')
        AND min_first_timestamp < toDateTime({end}, 'UTC')
    GROUP BY session_id
    HAVING max(is_deleted) = 0
)
WHERE session_id NOT IN (
    SELECT session_id
    FROM raw_session_replay_events
    WHERE min_first_timestamp >= toDateTime({day_before}, 'UTC')
        AND min_first_timestamp < toDateTime({start}, 'UTC')
)
GROUP BY source, library, host_class, duration
ORDER BY source, library, host_class, duration
