-- Products that organizations like this one are expected to use, and whether it does. What kind of
-- company it is counts only where the CRM says so; where it was not read, nothing is expected.
-- scope: organization
-- subject: usage_daily
-- fact counted_events | events | billed events of all projects in the window
-- fact replay_is_missing | claim | no recording, on the web or in an app
-- fact flags_are_missing | claim | no feature flag request
-- fact error_tracking_is_missing | claim | no exception
-- fact llm_analytics_is_missing | claim | the company is known to build with AI, and no AI event came
-- fact groups_are_missing | claim | it is known to sell to companies, and none of its events carries a group
WITH said AS (
    SELECT
        organization_id,
        bool_or(
            field IN ('industry_segment', 'business_type') AND regexp_matches(text, '\bAI\b', 'i')
        ) AS builds_with_ai,
        bool_or(field = 'business_type' AND regexp_matches(text, '\bB2B\b', 'i')) AS sells_to_companies
    FROM lifecycle_values
    WHERE field IN ('industry_segment', 'business_type')
    GROUP BY ALL
),
used AS (
    SELECT
        key,
        sum(billed) FILTER (meter = 'product_analytics') AS events,
        sum(billed) FILTER (meter IN ('session_replay', 'mobile_replay')) AS recordings,
        sum(billed) FILTER (meter = 'feature_flags') AS requests,
        sum(billed) FILTER (meter = 'error_tracking') AS exceptions,
        sum(billed) FILTER (meter = 'llm_analytics') AS ai_events
    FROM billed_by_project
    GROUP BY key
),
-- A counter that nobody sends is unknown, not 0.
grouped AS (
    SELECT u.organization_id, sum(u.quantity) AS events
    FROM usage_daily u
    JOIN audited a ON a.organization_id = u.organization_id
    WHERE u.usage_type = 'event_count_with_groups_in_period'
        AND u.day >= a.window_start AND u.day < a.window_end
    GROUP BY ALL
)
SELECT
    a.organization_id,
    u.events AS counted_events,
    coalesce(u.recordings, 0) = 0 AS replay_is_missing,
    coalesce(u.requests, 0) = 0 AS flags_are_missing,
    coalesce(u.exceptions, 0) = 0 AS error_tracking_is_missing,
    coalesce(s.builds_with_ai AND coalesce(u.ai_events, 0) = 0, false) AS llm_analytics_is_missing,
    coalesce(s.sells_to_companies AND g.events = 0, false) AS groups_are_missing
FROM audited a
LEFT JOIN used u ON u.key = a.key
LEFT JOIN said s ON s.organization_id = a.organization_id
LEFT JOIN grouped g ON g.organization_id = a.organization_id
