-- When the billing period ends.
-- scope: organization
-- subject: organizations
-- unknown: the end of the billing period is not known
-- fact days_until_period_end | days | days until the current billing period ends; negative after it
SELECT
    a.organization_id,
    date_diff('day', CAST(a.as_of AS DATE), o.period_end) AS days_until_period_end
FROM audited a
JOIN organizations o ON o.organization_id = a.organization_id
