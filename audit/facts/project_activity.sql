-- What people and clients did in a project in the window, a fact a measure.
-- scope: project
-- fact sessions | sessions | distinct sessions in the window | activity.sessions
-- fact people | people | distinct people in the window | activity.people
-- fact people_days | days | length of the window the people were counted in | activity.people
-- fact people_using_web_analytics | people | members who looked at web analytics in the window | activity.people_using_web_analytics
-- fact web_events | events | billed events of the web libraries | activity.web_events
-- fact web_days | days | length of the window the web events were counted in | activity.web_events
-- fact proxied_web_events | events | those that came through a domain of the customer's own | activity.proxied_web_events
-- fact bot_events | events | billed events whose user agent is a known bot's | activity.bot_events
-- fact behaviour_events | events | billed events without bots and internal users | activity.behaviour_events
-- fact behaviour_people | people | distinct people without bots and internal users | activity.behaviour_people
-- fact behaviour_days | days | length of the window behaviour was counted in | activity.behaviour_events
-- fact idle_recordings | recordings | web recordings of 30 minutes or longer with under 10 seconds of activity | activity.idle_recordings
-- fact server_flag_calls | calls | flag evaluations that server libraries reported; not billed | activity.server_flag_calls
-- fact server_flag_people | ids | distinct ids behind them | activity.server_flag_people
-- fact server_flag_days | days | length of the window the flag calls were counted in | activity.server_flag_calls
-- fact query_days | days | length of the window the queries were counted in | activity.api_queries
-- fact ai_events | events | AI events; billed apart from product analytics | activity.ai_events
-- fact ai_generations | events | AI generations among them | activity.ai_generations
-- fact ai_spans | events | AI spans and traces among them | activity.ai_spans
-- fact app_queries | queries | queries of people in the app | activity.app_queries
-- fact api_queries | queries | queries of keys | activity.api_queries
SELECT
    organization_id,
    project_id,
    sum(quantity) FILTER (measure = 'sessions') AS sessions,
    sum(quantity) FILTER (measure = 'people') AS people,
    max(date_diff('day', window_start, window_end)) FILTER (measure = 'people') AS people_days,
    sum(quantity) FILTER (measure = 'people_using_web_analytics') AS people_using_web_analytics,
    sum(quantity) FILTER (measure = 'web_events') AS web_events,
    max(date_diff('day', window_start, window_end)) FILTER (measure = 'web_events') AS web_days,
    sum(quantity) FILTER (measure = 'proxied_web_events') AS proxied_web_events,
    sum(quantity) FILTER (measure = 'bot_events') AS bot_events,
    sum(quantity) FILTER (measure = 'behaviour_events') AS behaviour_events,
    sum(quantity) FILTER (measure = 'behaviour_people') AS behaviour_people,
    max(date_diff('day', window_start, window_end)) FILTER (measure = 'behaviour_events')
        AS behaviour_days,
    sum(quantity) FILTER (measure = 'idle_recordings') AS idle_recordings,
    sum(quantity) FILTER (measure = 'server_flag_calls') AS server_flag_calls,
    sum(quantity) FILTER (measure = 'server_flag_people') AS server_flag_people,
    max(date_diff('day', window_start, window_end)) FILTER (measure = 'server_flag_calls')
        AS server_flag_days,
    max(date_diff('day', window_start, window_end)) FILTER (measure = 'api_queries')
        AS query_days,
    sum(quantity) FILTER (measure = 'ai_events') AS ai_events,
    sum(quantity) FILTER (measure = 'ai_generations') AS ai_generations,
    sum(quantity) FILTER (measure = 'ai_spans') AS ai_spans,
    sum(quantity) FILTER (measure = 'app_queries') AS app_queries,
    sum(quantity) FILTER (measure = 'api_queries') AS api_queries
FROM activity
GROUP BY ALL
