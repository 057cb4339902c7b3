-- Settings of a project that decide what is captured and who is counted.
-- scope: project
-- subject: projects.settings
-- unknown: the project sent data and is not among those the pull could read; it may be deleted
-- fact internal_users_are_filtered | claim | the project says which users are its own team's
-- fact exceptions_are_captured | claim | exceptions are captured automatically
-- fact exceptions_are_ignored | claim | some exceptions are dropped before ingestion
-- fact heatmap_projects | projects | 1 where heatmaps are on, else 0
SELECT
    organization_id,
    project_id,
    coalesce(test_account_filters NOT IN ('{}', '[]', 'null', '""'), false)
        AS internal_users_are_filtered,
    coalesce(autocapture_exceptions_opt_in, false) AS exceptions_are_captured,
    coalesce(
        autocapture_exceptions_errors_to_ignore NOT IN ('{}', '[]', 'null', '""'), false
    ) AS exceptions_are_ignored,
    CAST(coalesce(heatmaps_opt_in, false) AS INTEGER) AS heatmap_projects
FROM projects
UNION ALL
SELECT DISTINCT organization_id, project_id, NULL, NULL, NULL, NULL
FROM usage_rows ANTI JOIN projects USING (organization_id, project_id)
