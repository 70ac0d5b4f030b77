-- Remembers passages, whose lines this transaction stores or knows. Arrays of
-- bytea come as one value, of 32 bytes each.
INSERT INTO calltally.passage (
	digest, source_id, line, lines, ignored, last_at, loud, stored_at
)
SELECT digest, source_id, line, lines, ignored, last_at,
	substr($7::bytea, (32 * nth - 31)::int, 32), $8::timestamptz
FROM unnest(
	$1::uuid[], $2::bigint[], $3::bigint[], $4::bigint[], $5::bigint[],
	$6::timestamptz[]
) WITH ORDINALITY AS p (digest, source_id, line, lines, ignored, last_at, nth)
ON CONFLICT (digest) DO NOTHING
