-- The ledger's rows of files of these names, the one read last behind the others.
SELECT source_id, name, lines, events, duplicates, rejected, ignored, finished
FROM calltally.source
WHERE name = ANY ($1::text[])
ORDER BY name, last_read_at, source_id
