-- Rejects behind a place, of one reason or of all, with their bytes.
SELECT r.source_id, r.line, r.raw, r.line_bytes, r.byte_offset, s.name
FROM calltally.reject r
LEFT JOIN calltally.source s USING (source_id)
WHERE (r.source_id, r.line) > ($1::bigint, $2::bigint)
	AND ($3::text IS NULL OR r.reason = $3)
ORDER BY r.source_id, r.line
LIMIT $4
