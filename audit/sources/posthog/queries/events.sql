-- The joint breakdown that drives the event meters: one row per event name, library, class of
-- host, person mode, and whether the person was ever identified.
-- Not filtered for bots or internal users: the bill counts them too.
-- Left out: what the event meter leaves out (posthog/tasks/usage_report.py).
-- known_person is asked of identified events only; an anonymous event has no person to know.
-- sums: quantity
SELECT
    event AS event,
    if(empty(coalesce(toString(properties.$lib), '')), 'unknown', toString(properties.$lib)) AS library,
    multiIf(
        empty(coalesce(toString(properties.$host), '')), 'unknown',
        match(lower(toString(properties.$host)), '^(localhost|127[.]|0[.]0[.]0[.]0|10[.]|192[.]168[.]|[[]::1[]])|[.]local(:|$)|[.]localhost(:|$)'), 'localhost',
        match(lower(toString(properties.$host)), '(^|[.-])(staging|stage|stg|dev|develop|test|testing|qa|uat|preview|sandbox|demo)[0-9]*([.-]|:|$)|[.](vercel[.]app|netlify[.]app|ngrok[.]io|ngrok-free[.]app|pages[.]dev)(:|$)'), 'staging',
        'production'
    ) AS host_class,
    person_mode IN ('full', 'force_upgrade') AS identified,
    person_mode IN ('full', 'force_upgrade')
        AND person_id IN (SELECT id FROM persons WHERE is_identified) AS known_person,
    count() AS quantity
FROM events
WHERE timestamp >= toDateTime({start}, 'UTC')
    AND timestamp < toDateTime({end}, 'UTC')
    AND event NOT IN (
        '$feature_flag_called', '$experiment_exposure', '$exception', '$llm_prompt_fetched',
        'survey sent', 'survey shown', 'survey dismissed'
    )
    AND NOT startsWith(event, '$ai_')
    AND NOT startsWith(event, '$conversations_')
GROUP BY event, library, host_class, identified, known_person
ORDER BY event, library, host_class, identified, known_person
