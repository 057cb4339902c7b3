-- Billable events that come from the web, through a proxy, and from bots; and AI events by kind.
-- web_events          of the libraries web and js (lite), as in the breakdown of the event meter
-- proxied_web_events  those that went through an own domain: $lib_custom_api_host is set, and is
--                     no host of posthog.com. Kept for 60 days only (posthog/clickhouse/
--                     events_json.py: temporary event properties), so a longer window has no answer
-- bot_events          with a user agent that the vendor knows as a bot's; never isLikelyBot or
--                     $virt_is_bot, which take every library without a user agent for a bot
--                     (posthog/hogql/functions/traffic_type.py)
-- ai_events           $ai_*, the meter of LLM analytics (posthog/tasks/usage_report.py);
--                     ai_spans are $ai_span and $ai_trace. Gateway events are billed elsewhere
--                     and count here too.
-- Left out of the first three: what the event meter leaves out (posthog/tasks/usage_report.py).
-- sums: web_events, proxied_web_events, bot_events, ai_events, ai_generations, ai_spans
SELECT
    countIf(billable AND library IN ('web', 'js')) AS web_events,
    countIf(
        billable AND library IN ('web', 'js') AND notEmpty(api_host)
        AND NOT match(api_host, '(^|[./])posthog[.]com(:|/|$)')
    ) AS proxied_web_events,
    countIf(billable AND notEmpty(bot)) AS bot_events,
    countIf(startsWith(name, '$ai_')) AS ai_events,
    countIf(name = '$ai_generation') AS ai_generations,
    countIf(name IN ('$ai_span', '$ai_trace')) AS ai_spans
FROM (
    SELECT
        event AS name,
        coalesce(toString(properties.$lib), '') AS library,
        lower(coalesce(toString(properties.$lib_custom_api_host), '')) AS api_host,
        getBotName(properties.$raw_user_agent) AS bot,
        (
            event NOT IN (
                '$feature_flag_called', '$experiment_exposure', '$exception', '$llm_prompt_fetched',
                'survey sent', 'survey shown', 'survey dismissed'
            )
            AND NOT startsWith(event, '$ai_')
            AND NOT startsWith(event, '$conversations_')
        ) AS billable
    FROM events
    WHERE timestamp >= toDateTime({start}, 'UTC')
        AND timestamp < toDateTime({end}, 'UTC')
)
