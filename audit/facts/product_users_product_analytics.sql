-- Who reads events: members who looked at insights, and what reads them with nobody looking.
-- scope: product
-- subject: activity.people_using_product_analytics, resources.batch_export, resources.destination, resources.experiment
-- products: product_analytics
-- fact product_users | readers | members who looked at product analytics in the window, and active exports, destinations and experiments
SELECT organization_id, 'product_analytics' AS product, sum(readers) AS product_users
FROM (
    SELECT organization_id, quantity AS readers
    FROM activity WHERE measure = 'people_using_product_analytics'
    UNION ALL
    SELECT organization_id, 1 FROM resources
    WHERE state = 'active' AND kind IN ('batch_export', 'destination', 'experiment')
)
GROUP BY ALL
