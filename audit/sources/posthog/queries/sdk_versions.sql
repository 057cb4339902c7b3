-- Events by library and version.
-- sums: events
SELECT
    toString(properties.$lib) AS library,
    toString(properties.$lib_version) AS version,
    count() AS events
FROM events
WHERE timestamp >= toDateTime({start}, 'UTC')
    AND timestamp < toDateTime({end}, 'UTC')
    AND notEmpty(coalesce(toString(properties.$lib), ''))
    AND notEmpty(coalesce(toString(properties.$lib_version), ''))
GROUP BY library, version
ORDER BY library, version
