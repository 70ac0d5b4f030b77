-- Adds findings, in the order of reading, to what is known of drift: of the
-- new ones as many as a provider and kind may have. Tells how many were new,
-- and how many there was no room for.
WITH given AS (
	SELECT provider, shape, kind, name, min(nth) AS nth,
		(array_agg(source_id ORDER BY nth))[1] AS source_id,
		(array_agg(line ORDER BY nth))[1] AS line,
		(array_agg(event_time ORDER BY nth))[1] AS event_time,
		sum(lines)::bigint AS lines
	FROM unnest(
		$1::text[], $2::text[], $3::text[], $4::text[], $5::bigint[],
		$6::bigint[], $7::timestamptz[], $8::bigint[]
	) WITH ORDINALITY AS g (
		provider, shape, kind, name, source_id, line, event_time, lines, nth
	)
	GROUP BY provider, shape, kind, name
), placed AS (
	SELECT g.*, d.name IS NULL AS fresh,
		row_number() OVER (
			PARTITION BY g.provider, g.kind, d.name IS NULL ORDER BY g.nth
		) + (
			SELECT count(*) FROM calltally.drift k
			WHERE k.provider = g.provider AND k.kind = g.kind
		) AS place
	FROM given g
	LEFT JOIN calltally.drift d USING (provider, shape, kind, name)
), put AS (
	INSERT INTO calltally.drift (
		provider, shape, kind, name, source_id, line, event_time, seen_at,
		lines
	)
	SELECT provider, shape, kind, name, source_id, line, event_time,
		$9::timestamptz, lines
	FROM placed
	WHERE NOT fresh OR place <= $10::bigint
	ON CONFLICT (provider, shape, kind, name) DO UPDATE SET
		lines = drift.lines + excluded.lines
)
SELECT count(*) FILTER (WHERE fresh AND place <= $10::bigint),
	count(*) FILTER (WHERE fresh AND place > $10::bigint)
FROM placed
