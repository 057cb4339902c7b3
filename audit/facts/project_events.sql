-- Billed events of the project, the noisy kinds among them, and those that nothing reads.
-- Custom events are those that the vendor's libraries neither name nor send by themselves.
-- scope: project
-- subject: usage_rows.product_analytics
-- fact events | events | billed events in the window
-- fact event_days | days | length of the window the events were counted in
-- fact autocapture_events | events | $autocapture among them
-- fact identify_events | events | $identify among them
-- fact set_events | events | $set among them
-- fact groupidentify_events | events | $groupidentify among them
-- fact nonproduction_events | events | those from a host that looks like localhost or staging
-- fact never_identified_web_events | events | those of the web libraries whose person was never identified
-- fact custom_events | events | those the customer named
-- fact unread_custom_events | events | custom events that no saved insight, action, cohort, experiment, survey or destination of the project names | usage_rows.product_analytics, resources.insight, resources.action, resources.cohort, resources.experiment, resources.survey, resources.destination
-- fact unread_web_vitals_events | events | $web_vitals, where none of them names it | usage_rows.product_analytics, resources.insight, resources.action, resources.cohort, resources.experiment, resources.survey, resources.destination
-- fact unread_pageleave_events | events | $pageleave, where none of them names it | usage_rows.product_analytics, resources.insight, resources.action, resources.cohort, resources.experiment, resources.survey, resources.destination
-- fact unread_dead_click_events | events | $dead_click and $rageclick, each where none of them names it | usage_rows.product_analytics, resources.insight, resources.action, resources.cohort, resources.experiment, resources.survey, resources.destination
WITH observed AS (
    SELECT
        u.organization_id,
        u.project_id,
        u.event,
        u.host_class,
        u.library IN ('web', 'js') AND NOT u.known_person AS web_stranger,
        u.quantity,
        date_diff('day', u.window_start, u.window_end) AS days,
        f.event IS NULL AS unread,
        NOT starts_with(u.event, '$')
        AND u.event NOT IN (
            '', 'Application Installed', 'Application Updated', 'Application Opened',
            'Application Backgrounded', 'Application Became Active', 'Deep Link Opened'
        ) AS custom
    FROM usage_rows u
    LEFT JOIN referenced f
        ON
            f.organization_id = u.organization_id
            AND f.project_id = u.project_id
            AND f.event = u.event
    WHERE u.meter = 'product_analytics'
)
SELECT
    organization_id,
    project_id,
    sum(quantity) AS events,
    max(days) AS event_days,
    sum(quantity) FILTER (event = '$autocapture') AS autocapture_events,
    sum(quantity) FILTER (event = '$identify') AS identify_events,
    sum(quantity) FILTER (event = '$set') AS set_events,
    sum(quantity) FILTER (event = '$groupidentify') AS groupidentify_events,
    sum(quantity) FILTER (host_class IN ('localhost', 'staging')) AS nonproduction_events,
    sum(quantity) FILTER (web_stranger) AS never_identified_web_events,
    sum(quantity) FILTER (custom) AS custom_events,
    sum(quantity) FILTER (custom AND unread) AS unread_custom_events,
    sum(quantity) FILTER (event = '$web_vitals' AND unread) AS unread_web_vitals_events,
    sum(quantity) FILTER (event = '$pageleave' AND unread) AS unread_pageleave_events,
    sum(quantity) FILTER (event IN ('$dead_click', '$rageclick') AND unread)
        AS unread_dead_click_events
FROM observed
GROUP BY ALL
