-- How far sources are read, and what became of their lines: absolute values.
INSERT INTO calltally.source (
	source_id, name, raw_bytes, raw_hash, done_bytes, done_hash,
	done_at_line_end, lines, events, duplicates, rejected, ignored,
	finished, damage, first_run, last_run, first_read_at, last_read_at
)
SELECT source_id, name, nullif(raw_bytes, -1),
	CASE WHEN raw_bytes <> -1 THEN raw_hash END, done_bytes, done_hash,
	done_at_line_end <> 0, lines, events, duplicates, rejected, ignored,
	finished <> 0, damage, $15::uuid, $15::uuid, $16::timestamptz,
	$16::timestamptz
FROM unnest(
	$1::bigint[], $2::text[], $3::bigint[], $4::uuid[], $5::bigint[],
	$6::uuid[], $7::smallint[], $8::bigint[], $9::bigint[], $10::bigint[],
	$11::bigint[], $12::bigint[], $13::smallint[], $14::text[]
) AS s (
	source_id, name, raw_bytes, raw_hash, done_bytes, done_hash,
	done_at_line_end, lines, events, duplicates, rejected, ignored,
	finished, damage
)
ON CONFLICT (source_id) DO UPDATE SET
	name = excluded.name,
	raw_bytes = excluded.raw_bytes,
	raw_hash = excluded.raw_hash,
	done_bytes = excluded.done_bytes,
	done_hash = excluded.done_hash,
	done_at_line_end = excluded.done_at_line_end,
	lines = excluded.lines,
	events = excluded.events,
	duplicates = excluded.duplicates,
	rejected = excluded.rejected,
	ignored = excluded.ignored,
	finished = excluded.finished,
	damage = excluded.damage,
	last_run = excluded.last_run,
	last_read_at = excluded.last_read_at
