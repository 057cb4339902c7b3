-- Distinct sessions in the window. Server libraries send events without a session.
SELECT count(DISTINCT $session_id) AS sessions
FROM events
WHERE timestamp >= toDateTime({start}, 'UTC')
    AND timestamp < toDateTime({end}, 'UTC')
    AND notEmpty($session_id)
