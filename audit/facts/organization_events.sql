-- Billed events of the whole organization, and whether any of them speaks of money.
-- An event of the customer's speaks of money by its name; the words are ours.
-- scope: organization
-- subject: usage_rows.product_analytics
-- fact organization_events | events | billed events of all projects in the window
-- fact organization_event_days | days | length of the window they were counted in
-- fact organization_autocapture_events | events | $autocapture among them
-- fact revenue_events | events | events the customer named after money: payments, orders, subscriptions
WITH named AS (
    SELECT
        organization_id,
        event,
        sum(quantity) AS quantity,
        max(date_diff('day', window_start, window_end)) AS days
    FROM usage_rows
    WHERE meter = 'product_analytics'
    GROUP BY ALL
),
-- Of each name once: patterns are slow, names are few.
money AS (
    SELECT event FROM (SELECT DISTINCT event FROM named)
    WHERE NOT starts_with(event, '$')
        AND regexp_matches(
            event,
            'paid|purchase|order|invoice|subscri|payment|checkout|revenue|refund|transaction|commission',
            'i'
        )
)
SELECT
    organization_id,
    sum(quantity) AS organization_events,
    max(days) AS organization_event_days,
    sum(quantity) FILTER (event = '$autocapture') AS organization_autocapture_events,
    sum(quantity) FILTER (event IN (SELECT event FROM money)) AS revenue_events
FROM named
GROUP BY organization_id
