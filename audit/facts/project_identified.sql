-- Events billed with a person profile, and those of people never identified.
-- scope: project
-- subject: usage_rows.enhanced_persons
-- fact identified_events | events | events with a person profile in the window
-- fact never_identified_events | events | those whose person was never identified
SELECT
    organization_id,
    project_id,
    sum(quantity) AS identified_events,
    sum(quantity) FILTER (NOT known_person) AS never_identified_events
FROM usage_rows
WHERE meter = 'enhanced_persons'
GROUP BY ALL
