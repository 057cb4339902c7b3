-- How far the library that sends most events of a project is behind its newest release.
-- A library's versions are put in order, and the one is taken that half of its events come from, or
-- from an older one: where browsers load the newest version by themselves, no single old one counts.
-- The newest release is the newest one known on the audit's day. 0 where no library is known.
-- scope: project
-- subject: sdk_versions
-- unknown: the library that sends most events names no version, or no release days of it are known: only those of the web (posthog-js and lite), Node, Python and React Native are
-- fact main_sdk | library | which library sends most events: 1 posthog-js, 2 posthog-js-lite, 3 posthog-node, 4 posthog-python, 5 posthog-react-native
-- fact main_sdk_major | version | major number of the version that half of its events come from, or from an older one
-- fact main_sdk_minor | version | minor number of that version
-- fact main_sdk_behind_days | days | days from the release of that version to the newest one, at least
WITH told AS (
    SELECT
        organization_id,
        project_id,
        library,
        events,
        1000000 * try_cast(regexp_extract(version, '^([0-9]+)[.]([0-9]+)', 1) AS BIGINT)
        + try_cast(regexp_extract(version, '^([0-9]+)[.]([0-9]+)', 2) AS BIGINT) AS version
    FROM sdk_versions
    WHERE events > 0
),
main AS (
    SELECT organization_id, project_id, library
    FROM told
    GROUP BY organization_id, project_id, library
    QUALIFY row_number() OVER (
        PARTITION BY organization_id, project_id ORDER BY sum(events) DESC, library
    ) = 1
),
running AS (
    SELECT
        organization_id,
        project_id,
        library,
        version,
        sum(events) OVER (
            PARTITION BY organization_id, project_id ORDER BY version
            RANGE UNBOUNDED PRECEDING
        ) AS so_far,
        sum(events) OVER (PARTITION BY organization_id, project_id) AS events
    FROM told JOIN main USING (organization_id, project_id, library)
    WHERE version IS NOT NULL
),
half AS (
    SELECT organization_id, project_id, library, min(version) AS version
    FROM running
    WHERE 2 * so_far >= events
    GROUP BY ALL
),
newest AS (
    SELECT d.as_of, r.library, any_value(r.number) AS number, max(r.out_by) AS out_by
    FROM (SELECT DISTINCT as_of FROM audited) d
    JOIN sdk_releases r ON r.out_by <= d.as_of
    GROUP BY ALL
),
dated AS (
    SELECT h.*, r.out_by
    FROM half h
    ASOF LEFT JOIN sdk_releases r ON r.library = h.library AND h.version <= r.version
)
SELECT
    m.organization_id,
    m.project_id,
    n.number AS main_sdk,
    d.version // 1000000 AS main_sdk_major,
    d.version % 1000000 AS main_sdk_minor,
    -- A version newer than all that are listed is not behind.
    CASE
        WHEN d.version IS NOT NULL AND n.out_by IS NOT NULL
            THEN greatest(coalesce(date_diff('day', d.out_by, n.out_by), 0), 0)
    END AS main_sdk_behind_days
FROM main m
JOIN audited a ON a.organization_id = m.organization_id
LEFT JOIN dated d ON d.organization_id = m.organization_id AND d.project_id = m.project_id
LEFT JOIN newest n ON n.as_of = a.as_of AND n.library = m.library
