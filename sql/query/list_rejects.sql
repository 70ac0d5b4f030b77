-- Rejects of one reason or of all, in the order of the files. The lines
-- themselves are fetched only for those that are shown.
SELECT c.name, r.line, r.byte_offset, r.reason, r.message, r.line_bytes,
	substring(r.raw FROM 1 FOR $3::integer)
FROM (
	SELECT s.name, k.source_id, k.line
	FROM calltally.reject k
	LEFT JOIN calltally.source s USING (source_id)
	WHERE $1::text IS NULL OR k.reason = $1
	ORDER BY s.name, k.source_id, k.line
	LIMIT $2
) c
JOIN calltally.reject r USING (source_id, line)
ORDER BY c.name, c.source_id, c.line
