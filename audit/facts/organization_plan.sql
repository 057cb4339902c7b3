-- What kind of plan the organization is on.
-- scope: organization
-- subject: subscriptions
-- fact has_legacy_plan | claim | a product that is no longer sold is subscribed
SELECT
    organization_id,
    bool_or(coalesce(legacy, false) AND coalesce(subscribed, false)) AS has_legacy_plan
FROM subscriptions
GROUP BY ALL
