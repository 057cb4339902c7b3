-- Active realtime destinations.
-- scope: organization
-- subject: resources.destination
-- fact active_destinations | destinations | destinations switched on
SELECT organization_id, count(*) AS active_destinations
FROM resources
WHERE kind = 'destination' AND state = 'active'
GROUP BY ALL
