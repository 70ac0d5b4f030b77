-- The newest passages by their digests, ascending, each with how many of its
-- lines are ignored, its time and which lines are loud: 64 bytes each, in one
-- value.
SELECT string_agg(
	pg_catalog.uuid_send(p.digest) || pg_catalog.int8send(p.ignored) ||
		coalesce(pg_catalog.timestamptz_send(p.last_at),
			'\x8000000000000000'::bytea) ||
		p.loud,
	''::bytea ORDER BY p.digest
)
FROM (
	SELECT digest, ignored, last_at, loud
	FROM calltally.passage
	WHERE source_id IN (SELECT s.source_id FROM calltally.source s)
	ORDER BY stored_at DESC
	LIMIT $1::bigint
) p
