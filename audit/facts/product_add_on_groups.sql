-- Use of group analytics: what it is paid for.
-- scope: product
-- products: group_analytics
-- subject: activity.group_events
-- fact add_on_uses | uses | events with a group in the window, or connected destinations and batch exports: what the add-on is paid for
SELECT organization_id, 'group_analytics' AS product, sum(quantity) AS add_on_uses
FROM activity
WHERE measure = 'group_events'
GROUP BY ALL
