-- Events that carry a group, over all projects.
-- scope: organization
-- subject: activity.group_events
-- fact group_events | events | events that carry a group in the window
SELECT organization_id, sum(quantity) AS group_events
FROM activity
WHERE measure = 'group_events'
GROUP BY ALL
