-- Use of the older data pipelines add-on: what it is paid for.
-- scope: product
-- products: data_pipelines
-- subject: resources.destination, resources.batch_export
-- fact add_on_uses | uses | events with a group in the window, or connected destinations and batch exports: what the add-on is paid for
SELECT organization_id, 'data_pipelines' AS product, count(*) AS add_on_uses
FROM resources
WHERE state = 'active' AND kind IN ('destination', 'batch_export')
GROUP BY ALL
