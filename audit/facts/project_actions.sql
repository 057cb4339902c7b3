-- Active actions that match on autocapture.
-- scope: project
-- subject: resources.action
-- fact autocapture_actions | actions | active actions that match $autocapture
SELECT organization_id, project_id, count(*) AS autocapture_actions
FROM resources
WHERE kind = 'action'
    AND state = 'active'
    AND json_contains(refers_to, '"$autocapture"')
GROUP BY ALL
