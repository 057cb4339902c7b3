-- Billed usage of a project beside its events.
-- scope: project
-- subject: usage_daily
-- fact project_exceptions | exceptions | billed exceptions of the project in the window
SELECT a.organization_id, b.project_id, sum(b.billed) AS project_exceptions
FROM billed_by_project b
JOIN audited a ON a.key = b.key
WHERE b.meter = 'error_tracking'
GROUP BY ALL
