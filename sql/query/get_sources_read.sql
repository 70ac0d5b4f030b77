-- How far files of these names were read.
SELECT name, finished, coalesce(raw_bytes, -1), done_bytes
FROM calltally.source
WHERE name = ANY ($1::text[])
