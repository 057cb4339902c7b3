-- Ingestion warnings by type. Sampled by the vendor: presence, not volume.
SELECT type AS type, count() AS quantity, toString(max(toTimeZone(timestamp, 'UTC'))) AS last_seen_at
FROM system.ingestion_warnings
WHERE timestamp >= toDateTime({start}, 'UTC')
    AND timestamp < toDateTime({end}, 'UTC')
GROUP BY type
ORDER BY type
