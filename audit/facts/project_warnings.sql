-- What the vendor refused at ingestion. Sampled by the vendor: at least so many.
-- scope: project
-- subject: ingestion_warnings
-- fact refused_merges | warnings | merges refused because the person was already identified
-- fact illegal_id_warnings | warnings | merges refused because the id stands for nobody, such as null
SELECT
    organization_id,
    project_id,
    sum(quantity) FILTER (type = 'cannot_merge_already_identified') AS refused_merges,
    sum(quantity) FILTER (type = 'cannot_merge_with_illegal_distinct_id') AS illegal_id_warnings
FROM ingestion_warnings
GROUP BY ALL
