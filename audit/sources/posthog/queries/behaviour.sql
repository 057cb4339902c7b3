-- What people did: billable events and the persons behind them, without bots and without the
-- project's own internal and test users. For benchmarks; the bill counts all of them.
-- The vendor fills in the project's test account filters (posthog/hogql/filters.py).
-- Bots by getBotName alone (posthog/hogql/functions/traffic_type.py); people are persons, not
-- distinct ids.
SELECT count() AS behaviour_events, count(DISTINCT person_id) AS behaviour_people
FROM events
WHERE timestamp >= toDateTime({start}, 'UTC')
    AND timestamp < toDateTime({end}, 'UTC')
    AND event NOT IN (
        '$feature_flag_called', '$experiment_exposure', '$exception', '$llm_prompt_fetched',
        'survey sent', 'survey shown', 'survey dismissed'
    )
    AND NOT startsWith(event, '$ai_')
    AND NOT startsWith(event, '$conversations_')
    AND getBotName(properties.$raw_user_agent) = ''
    AND {filters}
