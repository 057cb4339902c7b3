-- Distinct people in the window: persons, not distinct ids.
SELECT count(DISTINCT person_id) AS people
FROM events
WHERE timestamp >= toDateTime({start}, 'UTC')
    AND timestamp < toDateTime({end}, 'UTC')
