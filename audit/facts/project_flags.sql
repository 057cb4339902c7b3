-- Billed flag requests, and who makes them.
-- scope: project
-- subject: usage_rows.feature_flags
-- fact flag_requests | requests | billed flag requests in the window
-- fact flag_client_requests | requests | those that ask for flag values
-- fact flag_polling_requests | requests | those billed for local-evaluation polling, 10 a poll
-- fact flag_days | days | length of the window the requests were counted in
SELECT
    organization_id,
    project_id,
    sum(quantity) AS flag_requests,
    sum(quantity) FILTER (event = 'flags') AS flag_client_requests,
    sum(quantity) FILTER (event = 'local_evaluation') AS flag_polling_requests,
    max(date_diff('day', window_start, window_end)) AS flag_days
FROM usage_rows
WHERE meter = 'feature_flags'
GROUP BY ALL
