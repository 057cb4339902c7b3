-- How billed usage moved: the last 30 days against the 30 before, the last 7 against the 7 before.
-- A period is known when each of its days has a row of one of these counters; a counter without a
-- row that day counted nothing. Growth is a negative fall.
-- scope: organization
-- subject: usage_daily
-- unknown: daily usage is not known for both periods to the last day, or nothing was counted in the earlier one
-- fact event_decrease_percent | percent | fall of billed events, last 30 days against the 30 before
-- fact replay_decrease_percent | percent | the same of recordings, web and mobile
-- fact flag_request_decrease_percent | percent | the same of billed flag requests
-- fact synced_rows_decrease_percent | percent | the same of rows synced to the data warehouse
-- fact unexplained_decrease_percent | percent | fall of billed events that neither a month before that was itself unusual nor the same weeks a year ago explain, where those days are known
-- fact events_before | events | billed events in the 30 days before the last 30
-- fact week_decrease_percent | percent | fall of billed events, last 7 days against the 7 before
-- fact events_the_week_before | events | billed events in the 7 days before the last 7
WITH meters AS (
    SELECT
        usage_type,
        key,
        CASE product
            WHEN 'product_analytics' THEN 'events'
            WHEN 'feature_flags' THEN 'requests'
            WHEN 'data_warehouse' THEN 'synced'
            ELSE 'replays'
        END AS meter
    FROM metered
    WHERE product IN (
        'product_analytics', 'session_replay', 'mobile_replay', 'feature_flags', 'data_warehouse'
    )
),
-- 424 days: 60 days, 52 weeks earlier, so that weekdays match. A period is the number of days ago
-- it ends; its days are bits, counted without keeping every day.
periods AS (
    SELECT
        u.key,
        m.meter,
        CASE
            WHEN ago <= 7 THEN 7 WHEN ago <= 14 THEN 14 WHEN ago <= 30 THEN 30
            WHEN ago <= 60 THEN 60 WHEN ago <= 90 THEN 90 WHEN ago <= 394 THEN 394 ELSE 424
        END AS period,
        sum(u.quantity) AS quantity,
        bit_or(1::BIGINT << (ago % 60)) AS days
    FROM (
        SELECT
            d.usage_type,
            d.quantity,
            o.key,
            o.as_of - CAST(d.day AS DATE) AS ago
        FROM usage_daily d
        JOIN (
            SELECT key, organization_id, CAST(as_of AS DATE) AS as_of FROM audited
        ) o ON o.organization_id = d.organization_id
        WHERE ago BETWEEN 1 AND 90 OR ago BETWEEN 365 AND 424
    ) u
    JOIN meters m ON m.usage_type = u.usage_type AND (m.key IS NULL OR m.key = u.key)
    GROUP BY ALL
),
summed AS (
    SELECT
        key,
        bit_count(bit_or(days) FILTER (period <= 60)) AS days,
        bit_count(bit_or(days) FILTER (period <= 14)) AS two_weeks,
        bit_count(bit_or(days) FILTER (period = 90)) AS earlier_days,
        bit_count(bit_or(days) FILTER (period >= 394)) AS days_a_year_ago,
        sum(quantity) FILTER (meter = 'events' AND period <= 30) AS events,
        sum(quantity) FILTER (meter = 'events' AND period = 60) AS events_before,
        sum(quantity) FILTER (meter = 'events' AND period = 90) AS events_earlier,
        sum(quantity) FILTER (meter = 'events' AND period = 394) AS events_last_year,
        sum(quantity) FILTER (meter = 'events' AND period = 424) AS events_before_last_year,
        sum(quantity) FILTER (meter = 'events' AND period = 7) AS week,
        sum(quantity) FILTER (meter = 'events' AND period = 14) AS week_before,
        sum(quantity) FILTER (meter = 'replays' AND period <= 30) AS replays,
        sum(quantity) FILTER (meter = 'replays' AND period = 60) AS replays_before,
        sum(quantity) FILTER (meter = 'requests' AND period <= 30) AS requests,
        sum(quantity) FILTER (meter = 'requests' AND period = 60) AS requests_before,
        sum(quantity) FILTER (meter = 'synced' AND period <= 30) AS synced,
        sum(quantity) FILTER (meter = 'synced' AND period = 60) AS synced_before
    FROM periods
    GROUP BY key
)
SELECT
    a.organization_id,
    CASE WHEN days = 60 AND events_before > 0
        THEN 100 * (1 - coalesce(events, 0) / CAST(events_before AS DOUBLE)) END
        AS event_decrease_percent,
    CASE WHEN days = 60 AND replays_before > 0
        THEN 100 * (1 - coalesce(replays, 0) / CAST(replays_before AS DOUBLE)) END
        AS replay_decrease_percent,
    CASE WHEN days = 60 AND requests_before > 0
        THEN 100 * (1 - coalesce(requests, 0) / CAST(requests_before AS DOUBLE)) END
        AS flag_request_decrease_percent,
    CASE WHEN days = 60 AND synced_before > 0
        THEN 100 * (1 - coalesce(synced, 0) / CAST(synced_before AS DOUBLE)) END
        AS synced_rows_decrease_percent,
    CASE WHEN days = 60 AND events_before > 0 THEN 100 * (
        1 - coalesce(events, 0)
        / CAST(CASE WHEN earlier_days = 30 AND coalesce(events_earlier, 0) > 0
            THEN least(events_before, events_earlier) ELSE events_before END AS DOUBLE)
        / CASE WHEN days_a_year_ago = 60 AND events_last_year > 0 AND events_before_last_year > 0
            THEN least(1, events_last_year / CAST(events_before_last_year AS DOUBLE)) ELSE 1 END
    ) END AS unexplained_decrease_percent,
    CASE WHEN days = 60 THEN coalesce(events_before, 0) END AS events_before,
    CASE WHEN two_weeks = 14 AND week_before > 0
        THEN 100 * (1 - coalesce(week, 0) / CAST(week_before AS DOUBLE)) END
        AS week_decrease_percent,
    CASE WHEN two_weeks = 14 THEN coalesce(week_before, 0) END AS events_the_week_before
FROM audited a
LEFT JOIN summed s ON s.key = a.key
