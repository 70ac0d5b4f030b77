-- Sources that a file of any name may go on from; and whether their last line
-- was a half one, which lies behind done_bytes.
SELECT source_id, name, done_bytes, done_hash, done_at_line_end, lines,
	events, duplicates, rejected, ignored, finished,
	NOT done_at_line_end AND EXISTS (
		SELECT FROM calltally.reject r
		WHERE r.source_id = s.source_id AND r.line = s.lines
			AND r.byte_offset >= s.done_bytes)
FROM calltally.source s
WHERE done_hash IS NOT NULL AND NOT finished AND done_bytes > 0
