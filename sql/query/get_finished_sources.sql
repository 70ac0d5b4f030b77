-- Which contents of files of these names were read to their end.
SELECT name, raw_bytes, raw_hash
FROM calltally.source
WHERE finished AND raw_hash IS NOT NULL AND name = ANY ($1::text[])
