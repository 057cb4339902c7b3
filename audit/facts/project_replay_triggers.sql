-- Replay triggers, which the usage dashboard does not show.
-- scope: project
-- subject: projects.replay_triggers
-- unknown: the project sent data and is not among those the pull could read; it may be deleted
-- fact replay_triggers_are_set | claim | a URL, event or group trigger decides what is recorded
SELECT
    organization_id,
    project_id,
    coalesce(session_recording_url_trigger_config NOT IN ('{}', '[]', 'null'), false)
    OR coalesce(session_recording_event_trigger_config NOT IN ('{}', '[]', 'null'), false)
    OR coalesce(session_recording_trigger_groups NOT IN ('{}', '[]', 'null'), false)
        AS replay_triggers_are_set
FROM projects
UNION ALL
SELECT DISTINCT organization_id, project_id, NULL
FROM usage_rows ANTI JOIN projects USING (organization_id, project_id)
