-- Sources that a file of one of these names may go on from; the columns are
-- those of get_open_sources. Each name is looked up: there may be a million
-- other sources.
SELECT source_id, s.name, done_bytes, done_hash, done_at_line_end, lines,
	events, duplicates, rejected, ignored, finished,
	NOT done_at_line_end AND EXISTS (
		SELECT FROM calltally.reject r
		WHERE r.source_id = s.source_id AND r.line = s.lines
			AND r.byte_offset >= s.done_bytes)
FROM (SELECT DISTINCT unnest($1::text[])) AS n (name)
JOIN LATERAL (
	SELECT * FROM calltally.source s
	WHERE s.name = n.name COLLATE "C" AND done_hash IS NOT NULL
	OFFSET 0
) s ON true
