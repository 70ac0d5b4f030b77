-- The names of these sources.
SELECT source_id, name
FROM calltally.source
WHERE source_id = ANY ($1::bigint[])
