-- Replay controls that the usage dashboard shows too. 0 milliseconds is no minimum.
-- scope: project
-- subject: projects.replay_controls
-- unknown: the project sent data and is not among those the pull could read; it may be deleted
-- fact minimum_duration_milliseconds | milliseconds | minimum duration of a recording; 0 is none
-- fact sampling_is_set | claim | fewer than all sessions are recorded
-- fact linked_flag_is_set | claim | only sessions that match a flag are recorded
SELECT
    organization_id,
    project_id,
    coalesce(session_recording_minimum_duration_milliseconds, 0) AS minimum_duration_milliseconds,
    coalesce(session_recording_sample_rate < 1, false) AS sampling_is_set,
    coalesce(session_recording_linked_flag NOT IN ('{}', '[]', '""', 'null'), false)
        AS linked_flag_is_set
FROM projects
UNION ALL
SELECT DISTINCT organization_id, project_id, NULL, NULL, NULL
FROM usage_rows ANTI JOIN projects USING (organization_id, project_id)
