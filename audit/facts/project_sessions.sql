-- Sessions in the window.
-- scope: project
-- subject: activity.sessions
-- fact sessions | sessions | distinct sessions in the window
SELECT organization_id, project_id, sum(quantity) AS sessions
FROM activity
WHERE measure = 'sessions'
GROUP BY ALL
