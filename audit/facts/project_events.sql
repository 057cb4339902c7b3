-- Billed events of the project and the noisy kinds among them.
-- scope: project
-- subject: usage_rows.product_analytics
-- fact events | events | billed events in the window
-- fact autocapture_events | events | $autocapture among them
-- fact identify_events | events | $identify among them
-- fact set_events | events | $set among them
-- fact groupidentify_events | events | $groupidentify among them
SELECT
    organization_id,
    project_id,
    sum(quantity) AS events,
    sum(quantity) FILTER (event = '$autocapture') AS autocapture_events,
    sum(quantity) FILTER (event = '$identify') AS identify_events,
    sum(quantity) FILTER (event = '$set') AS set_events,
    sum(quantity) FILTER (event = '$groupidentify') AS groupidentify_events
FROM usage_rows
WHERE meter = 'product_analytics'
GROUP BY ALL
