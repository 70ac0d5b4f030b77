-- Which contents of files of these names were read to their end.
SELECT s.name, raw_bytes, raw_hash
FROM (SELECT DISTINCT unnest($1::text[])) AS n (name)
JOIN LATERAL (
	SELECT * FROM calltally.source s
	WHERE s.name = n.name COLLATE "C"
	OFFSET 0
) s ON true
WHERE finished AND raw_hash IS NOT NULL
