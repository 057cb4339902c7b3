-- What people made in a project, by kind and state. What is inactive does nothing and is not counted.
-- Flags that target surveys and tours make no request billable and are nobody's to clean up.
-- scope: project
-- unknown: the details of one of them do not tell it
-- fact insights | insights | saved insights | resources.insight
-- fact actions | actions | active actions | resources.action
-- fact autocapture_actions | actions | active actions that match $autocapture | resources.action
-- fact active_cohorts | cohorts | active cohorts | resources.cohort
-- fact flags_in_use | flags | flags that are on and were called lately | resources.flag
-- fact stale_flags | flags | flags that are on and were not called for 30 days | resources.flag
-- fact oldest_full_rollout_days | days | since the last change of the flag that is on for everybody longest; 0 without one | resources.flag
-- fact fully_rolled_out_flags | flags | flags that are on for everybody | resources.flag
-- fact active_experiments | experiments | running experiments | resources.experiment
-- fact oldest_experiment_days | days | since the start of the experiment that runs longest; 0 without one | resources.experiment
-- fact active_surveys | surveys | running surveys | resources.survey
-- fact oldest_survey_days | days | since the start of the survey that runs longest without a limit on responses; 0 without one | resources.survey
-- fact newest_survey_days | days | since the start of the newest running survey, or 0 where one has a limit on responses, one ended in the window, or none runs | resources.survey
-- fact active_warehouse_schemas | tables | tables of sources that are synced | resources.warehouse_schema
-- fact failed_warehouse_schemas | tables | tables whose last sync failed | resources.warehouse_schema
-- fact synced_rows | rows | billed rows of all syncs in the window | resources.warehouse_schema
-- fact full_refresh_rows | rows | those of tables that are copied whole at every sync | resources.warehouse_schema
-- fact repeated_rows | rows | full-refresh rows beyond one whole copy of each table a billing month | resources.warehouse_schema
-- fact project_destinations | destinations | active realtime destinations | resources.destination
-- fact failing_destinations | destinations | active destinations that only failed in the window | resources.destination
-- fact unfiltered_destinations | destinations | active destinations that take every event | resources.destination
WITH made AS (
    SELECT
        r.organization_id,
        r.project_id,
        r.kind,
        r.state,
        r.refers_to,
        date_diff('day', a.window_start, a.window_end) / 30 AS months,
        r.kind = 'survey' AND r.state = 'complete' AND coalesce(
            try_cast(substr(r.details ->> 'end_date', 1, 10) AS DATE), CAST(r.updated_at AS DATE)
        ) >= a.window_start AS ended_lately,
        CASE
            WHEN r.kind = 'flag'
                THEN starts_with(coalesce(r.name, ''), 'survey-targeting-')
                OR starts_with(coalesce(r.name, ''), 'product-tour-targeting-')
        END AS targets,
        CASE WHEN r.kind = 'flag' THEN try_cast(r.details ->> 'rollout_percentage' AS DOUBLE) END
            AS rollout,
        CASE
            WHEN r.kind = 'flag' THEN date_diff('day', CAST(r.updated_at AS DATE), a.as_of)
            WHEN r.kind IN ('survey', 'experiment')
                THEN date_diff(
                    'day',
                    coalesce(
                        try_cast(substr(r.details ->> 'start_date', 1, 10) AS DATE),
                        CAST(r.created_at AS DATE)
                    ),
                    a.as_of
                )
        END AS days,
        CASE WHEN r.kind = 'survey' THEN try_cast(r.details ->> 'responses_limit' AS BIGINT) END
            AS responses_limit,
        CASE WHEN r.kind = 'warehouse_schema' THEN r.details ->> 'sync_type' END AS sync_type,
        CASE
            WHEN r.kind = 'warehouse_schema' THEN try_cast(r.details ->> 'rows_synced' AS DOUBLE)
        END AS rows_synced,
        CASE WHEN r.kind = 'warehouse_schema' THEN try_cast(r.details ->> 'syncs' AS DOUBLE) END
            AS syncs,
        CASE WHEN r.kind = 'destination' THEN try_cast(r.details ->> 'failed' AS DOUBLE) END
            AS failed,
        CASE WHEN r.kind = 'destination' THEN try_cast(r.details ->> 'succeeded' AS DOUBLE) END
            AS succeeded,
        CASE WHEN r.kind = 'destination' THEN try_cast(r.details ->> 'has_filters' AS BOOLEAN) END
            AS has_filters
    FROM resources r
    JOIN audited a ON a.organization_id = r.organization_id
    WHERE r.state <> 'inactive'
),
told AS (
    SELECT
        *,
        kind = 'warehouse_schema' AS synced,
        kind = 'warehouse_schema' AND sync_type = 'full_refresh' AS copied,
        kind = 'destination' AND state = 'active' AS sends
    FROM made
)
SELECT
    organization_id,
    project_id,
    count(*) FILTER (kind = 'insight') AS insights,
    count(*) FILTER (kind = 'action') AS actions,
    count(*) FILTER (kind = 'action' AND json_contains(refers_to, '"$autocapture"'))
        AS autocapture_actions,
    count(*) FILTER (kind = 'cohort') AS active_cohorts,
    count(*) FILTER (kind = 'flag' AND state = 'active' AND NOT targets) AS flags_in_use,
    count(*) FILTER (kind = 'flag' AND state = 'stale' AND NOT targets) AS stale_flags,
    coalesce(max(days) FILTER (kind = 'flag' AND NOT targets AND rollout >= 100), 0)
        AS oldest_full_rollout_days,
    count(*) FILTER (kind = 'flag' AND NOT targets AND rollout >= 100) AS fully_rolled_out_flags,
    count(*) FILTER (kind = 'experiment' AND state = 'active') AS active_experiments,
    coalesce(max(days) FILTER (kind = 'experiment' AND state = 'active'), 0)
        AS oldest_experiment_days,
    count(*) FILTER (kind = 'survey' AND state = 'active') AS active_surveys,
    coalesce(
        max(days) FILTER (kind = 'survey' AND state = 'active' AND responses_limit IS NULL), 0
    ) AS oldest_survey_days,
    CASE
        WHEN bool_or(responses_limit IS NOT NULL) FILTER (kind = 'survey' AND state = 'active')
            OR bool_or(ended_lately)
            THEN 0
        ELSE coalesce(min(days) FILTER (kind = 'survey' AND state = 'active'), 0)
    END AS newest_survey_days,
    count(*) FILTER (synced) AS active_warehouse_schemas,
    count(*) FILTER (synced AND state = 'failed') AS failed_warehouse_schemas,
    CASE
        WHEN count(*) FILTER (synced AND rows_synced IS NULL) = 0
            THEN coalesce(sum(rows_synced) FILTER (synced), 0)
    END AS synced_rows,
    CASE
        WHEN count(*) FILTER (synced AND (sync_type IS NULL OR (copied AND rows_synced IS NULL))) = 0
            THEN coalesce(sum(rows_synced) FILTER (copied), 0)
    END AS full_refresh_rows,
    CASE
        WHEN
            count(*) FILTER (
                synced
                AND (sync_type IS NULL OR (copied AND (rows_synced IS NULL OR syncs IS NULL)))
            ) = 0
            THEN coalesce(
                sum(rows_synced * greatest(syncs - greatest(months, 1), 0) / syncs)
                    FILTER (copied AND syncs > 0),
                0
            )
    END AS repeated_rows,
    count(*) FILTER (sends) AS project_destinations,
    CASE
        WHEN count(*) FILTER (sends AND (failed IS NULL OR succeeded IS NULL)) = 0
            THEN count(*) FILTER (sends AND failed > 0 AND succeeded = 0)
    END AS failing_destinations,
    CASE
        WHEN count(*) FILTER (sends AND has_filters IS NULL) = 0
            THEN count(*) FILTER (sends AND NOT has_filters)
    END AS unfiltered_destinations
FROM told
GROUP BY ALL
