-- Add-ons that bill every event once subscribed, packages, and what the features tell.
-- scope: organization
-- subject: subscriptions
-- unknown: the organization's features or discount are not known
-- fact group_analytics_is_subscribed | claim | the group analytics add-on is on
-- fact teams_is_subscribed | claim | the legacy Teams package is on
-- fact saml_is_in_use | claim | single sign-on with SAML is among the organization's features | organizations
-- fact discount_percent | percent | standing discount on the bill; 0 where there is none | organizations
SELECT
    a.organization_id,
    coalesce(s.group_analytics, false) AS group_analytics_is_subscribed,
    coalesce(s.teams, false) AS teams_is_subscribed,
    CASE
        WHEN o.features IS NOT NULL
            THEN contains(lower(o.features), 'saml')
    END AS saml_is_in_use,
    coalesce(CAST(o.discount_percent AS DOUBLE), 0) AS discount_percent
FROM audited a
JOIN organizations o ON o.organization_id = a.organization_id
LEFT JOIN (
    SELECT
        organization_id,
        bool_or(product = 'group_analytics' AND coalesce(subscribed, false)) AS group_analytics,
        bool_or(product = 'teams' AND coalesce(subscribed, false)) AS teams
    FROM subscriptions GROUP BY ALL
) s ON s.organization_id = a.organization_id
