-- Web recordings by length.
-- scope: project
-- subject: usage_rows.session_replay
-- fact recordings | recordings | web recordings in the window
-- fact recordings_under_2_seconds | recordings | those that last under two seconds
-- fact recordings_under_5_seconds | recordings | those that last under five seconds
SELECT
    organization_id,
    project_id,
    sum(quantity) AS recordings,
    sum(quantity) FILTER (event = 'under_2_seconds') AS recordings_under_2_seconds,
    sum(quantity) FILTER (event IN ('under_2_seconds', '2_to_5_seconds'))
        AS recordings_under_5_seconds
FROM usage_rows
WHERE meter = 'session_replay'
GROUP BY ALL
