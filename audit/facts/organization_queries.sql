-- How the queries of people and keys went, by the query log, and what the CRM says of it.
-- scope: organization
-- unknown: the CRM does not say, and nothing else that was read tells it
-- fact queries | queries | queries people and keys ran in the window | activity.app_queries, activity.api_queries
-- fact failed_queries | queries | those of them that failed | activity.failed_queries
-- fact crm_query_failure_percent | percent | queries that failed in the last 7 days, as the CRM says | lifecycle
SELECT
    a.organization_id,
    coalesce(q.queries, 0) AS queries,
    coalesce(q.failed, 0) AS failed_queries,
    c.percent AS crm_query_failure_percent
FROM audited a
LEFT JOIN (
    SELECT
        organization_id,
        sum(quantity) FILTER (measure IN ('app_queries', 'api_queries')) AS queries,
        sum(quantity) FILTER (measure = 'failed_queries') AS failed
    FROM activity
    WHERE ends_with(measure, '_queries')
    GROUP BY ALL
) q ON q.organization_id = a.organization_id
LEFT JOIN (
    SELECT organization_id, max(number) AS percent
    FROM lifecycle_values
    WHERE field = 'query_failure_percent_7_days'
    GROUP BY ALL
) c ON c.organization_id = a.organization_id
