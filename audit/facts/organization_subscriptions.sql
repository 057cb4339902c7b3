-- Add-ons that bill every event once subscribed.
-- scope: organization
-- subject: subscriptions
-- fact group_analytics_is_subscribed | claim | the group analytics add-on is on
SELECT
    organization_id,
    bool_or(product = 'group_analytics' AND coalesce(subscribed, false))
        AS group_analytics_is_subscribed
FROM subscriptions
GROUP BY ALL
