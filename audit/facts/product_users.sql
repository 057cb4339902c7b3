-- Members who looked at a product, where the pull could tell.
-- scope: product
-- subject: activity.people_using_<product>
-- products: session_replay, surveys, error_tracking, llm_analytics, data_warehouse, logs
-- fact product_users | people | members who used the product in the window
SELECT
    organization_id,
    replace(measure, 'people_using_', '') AS product,
    sum(quantity) AS product_users
FROM activity
WHERE starts_with(measure, 'people_using_')
GROUP BY ALL
