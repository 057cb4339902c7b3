-- Events that carry any group: what group analytics is used for.
-- Same rule as event_count_with_groups_in_period (posthog/tasks/usage_report.py).
SELECT count() AS group_events
FROM events
WHERE timestamp >= toDateTime({start}, 'UTC')
    AND timestamp < toDateTime({end}, 'UTC')
    AND event NOT IN (
        '$feature_flag_called', '$experiment_exposure', '$exception', '$llm_prompt_fetched',
        'survey sent', 'survey shown', 'survey dismissed'
    )
    AND NOT startsWith(event, '$ai_')
    AND NOT startsWith(event, '$conversations_')
    AND (
        notEmpty($group_0) OR notEmpty($group_1) OR notEmpty($group_2)
        OR notEmpty($group_3) OR notEmpty($group_4)
    )
