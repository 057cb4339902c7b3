-- Who of the organization was seen, and which products its people used.
-- A member counts as active who logged in within the 30 days before the audit's day.
-- scope: organization
-- subject: members
-- unknown: no member's last login or day of joining is known
-- fact days_since_member_seen | days | days from the last login of any member to the audit's day
-- fact active_members | members | members who logged in within the last 30 days
-- fact active_members_percent | percent | those of all members
-- fact owner_was_added | claim | an owner joined after the first member did
-- fact days_since_owner_added | days | days since the last of them joined; 0 where none did
-- fact people_using_a_product | people | people of the product most people used in the window: at least so many used some feature | activity.people_using_product_analytics, activity.people_using_session_replay
-- fact people_using_product_analytics | people | members who used product analytics in the window | activity.people_using_product_analytics
-- fact people_using_session_replay | people | members who watched recordings in the window | activity.people_using_session_replay
-- fact people_using_surveys | people | members who looked at surveys in the window | activity.people_using_surveys
WITH seen AS (
    SELECT
        m.organization_id,
        count(*) AS members,
        min(date_diff('day', m.last_seen_at, a.as_of)) AS days,
        count(*) FILTER (m.last_seen_at >= a.as_of - INTERVAL 30 DAY) AS active,
        min(m.joined_at) AS first_joined,
        max(m.joined_at) FILTER (m.level >= 15) AS owner_joined,
        count(m.last_seen_at) AS told,
        count(m.joined_at) AS joined
    FROM members m
    JOIN audited a ON a.organization_id = m.organization_id
    GROUP BY ALL
),
by_product AS (
    SELECT organization_id, measure, sum(quantity) AS quantity
    FROM activity
    WHERE starts_with(measure, 'people_using_')
    GROUP BY ALL
),
used AS (
    SELECT
        organization_id,
        max(quantity) FILTER (starts_with(measure, 'people_using_')) AS most,
        sum(quantity) FILTER (measure = 'people_using_product_analytics') AS analytics,
        sum(quantity) FILTER (measure = 'people_using_session_replay') AS replay,
        sum(quantity) FILTER (measure = 'people_using_surveys') AS surveys
    FROM by_product
    GROUP BY organization_id
)
SELECT
    a.organization_id,
    -- Seen after the audit's day: seen on it.
    CASE WHEN s.told > 0 THEN greatest(s.days, 0) END AS days_since_member_seen,
    CASE WHEN s.told > 0 THEN s.active END AS active_members,
    CASE WHEN s.told > 0 THEN 100.0 * s.active / s.members END AS active_members_percent,
    CASE WHEN s.joined > 0
        THEN coalesce(s.owner_joined > s.first_joined + INTERVAL 1 DAY, false) END
        AS owner_was_added,
    CASE WHEN s.joined = 0 THEN NULL WHEN s.owner_joined > s.first_joined + INTERVAL 1 DAY
        THEN greatest(date_diff('day', s.owner_joined, a.as_of), 0) WHEN s.joined > 0 THEN 0 END
        AS days_since_owner_added,
    coalesce(u.most, 0) AS people_using_a_product,
    coalesce(u.analytics, 0) AS people_using_product_analytics,
    coalesce(u.replay, 0) AS people_using_session_replay,
    coalesce(u.surveys, 0) AS people_using_surveys
FROM audited a
LEFT JOIN seen s ON s.organization_id = a.organization_id
LEFT JOIN used u ON u.organization_id = a.organization_id
