-- Files that lines came from, of these names or all, in the order of refold_event.
SELECT source_id, name, done_bytes, done_hash, done_at_line_end, lines,
	events, duplicates, rejected, ignored, finished
FROM calltally.source
WHERE done_bytes > 0 AND done_hash IS NOT NULL
	AND ($1::text[] IS NULL OR name = ANY ($1))
ORDER BY source_id
