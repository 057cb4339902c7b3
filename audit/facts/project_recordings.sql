-- Web recordings by length and by host.
-- scope: project
-- subject: usage_rows.session_replay
-- fact recordings | recordings | web recordings in the window
-- fact recordings_under_2_seconds | recordings | those that last under two seconds
-- fact recordings_of_5_seconds | recordings | those that last five seconds or longer
-- fact nonproduction_recordings | recordings | those of localhost or a staging host
-- fact nonproduction_recordings_of_5_seconds | recordings | those of them that last five seconds or longer
-- fact recording_days | days | length of the window the recordings were counted in
SELECT
    organization_id,
    project_id,
    sum(quantity) AS recordings,
    sum(quantity) FILTER (event = 'under_2_seconds') AS recordings_under_2_seconds,
    sum(quantity) FILTER (event = '5_seconds_or_longer') AS recordings_of_5_seconds,
    sum(quantity) FILTER (host_class IN ('localhost', 'staging')) AS nonproduction_recordings,
    sum(quantity) FILTER (
        event = '5_seconds_or_longer' AND host_class IN ('localhost', 'staging')
    ) AS nonproduction_recordings_of_5_seconds,
    max(date_diff('day', window_start, window_end)) AS recording_days
FROM usage_rows
WHERE meter = 'session_replay'
GROUP BY ALL
