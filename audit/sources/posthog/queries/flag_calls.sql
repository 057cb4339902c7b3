-- Flag evaluations that server libraries reported, and the distinct ids they asked for. The event
-- is not billed; an id for every call is a sign of ids made up for the call.
-- Server libraries: $lib values of posthog/tasks/usage_report.py that run on a server.
SELECT count() AS server_flag_calls, count(DISTINCT distinct_id) AS server_flag_people
FROM events
WHERE timestamp >= toDateTime({start}, 'UTC')
    AND timestamp < toDateTime({end}, 'UTC')
    AND event = '$feature_flag_called'
    AND toString(properties.$lib) IN (
        'posthog-node', 'posthog-python', 'posthog-ruby', 'posthog-rails', 'posthog-php',
        'posthog-go', 'posthog-java', 'posthog-server', 'posthog-dotnet', 'posthog-aspnetcore',
        'posthog-elixir', 'posthog-rs', 'posthog-edge', 'posthog-convex'
    )
