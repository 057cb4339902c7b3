-- Mobile recordings are watched where web recordings are.
-- scope: product
-- subject: activity.people_using_session_replay
-- products: mobile_replay
-- fact product_users | people | members who watched recordings in the window
SELECT organization_id, 'mobile_replay' AS product, sum(quantity) AS product_users
FROM activity
WHERE measure = 'people_using_session_replay'
GROUP BY ALL
