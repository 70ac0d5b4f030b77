-- The newest passages by their digests, ascending, each with how many of its
-- lines are ignored and which are loud: 56 bytes each, in one value.
SELECT string_agg(
	pg_catalog.uuid_send(p.digest) || pg_catalog.int8send(p.ignored) ||
		p.loud,
	''::bytea ORDER BY p.digest
)
FROM (
	SELECT digest, ignored, loud
	FROM calltally.passage
	WHERE source_id IN (SELECT s.source_id FROM calltally.source s)
	ORDER BY stored_at DESC
	LIMIT $1::bigint
) p
