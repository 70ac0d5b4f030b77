-- Sources that a file of one of these names may go on from: unfinished ones
-- of any name, and those of these names.
SELECT source_id, name, done_bytes, done_hash, done_at_line_end, lines,
	events, duplicates, rejected, ignored, finished
FROM calltally.source
WHERE done_hash IS NOT NULL AND done_bytes > 0
	AND (NOT finished OR name = ANY ($1::text[]))
