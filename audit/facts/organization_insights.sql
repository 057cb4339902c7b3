-- How long ago somebody read a saved insight, by the insights themselves and by the CRM.
-- scope: organization
-- unknown: nothing tells when an insight was read last
-- fact days_since_insight_viewed | days | since a saved insight of any project was viewed last | resources.insight
-- fact crm_days_since_insight_analyzed | days | since somebody analyzed an insight, as the CRM says | lifecycle
SELECT
    a.organization_id,
    CASE
        WHEN v.viewed_at IS NOT NULL
            THEN greatest(date_diff('day', CAST(v.viewed_at AS DATE), CAST(a.as_of AS DATE)), 0)
    END AS days_since_insight_viewed,
    c.days AS crm_days_since_insight_analyzed
FROM audited a
LEFT JOIN (
    SELECT organization_id, max(last_used_at) AS viewed_at FROM resources
    WHERE kind = 'insight' GROUP BY ALL
) v ON v.organization_id = a.organization_id
LEFT JOIN (
    SELECT organization_id, max(number) AS days FROM lifecycle_values
    WHERE field = 'days_since_insight_analyzed' GROUP BY ALL
) c ON c.organization_id = a.organization_id
