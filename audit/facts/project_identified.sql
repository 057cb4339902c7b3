-- Events billed with a person profile whose person was never identified.
-- scope: project
-- subject: usage_rows.enhanced_persons
-- fact never_identified_events | events | those whose person was never identified
SELECT
    organization_id,
    project_id,
    sum(quantity) FILTER (NOT known_person) AS never_identified_events
FROM usage_rows
WHERE meter = 'enhanced_persons'
GROUP BY ALL
