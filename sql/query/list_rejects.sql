-- Rejects of one reason or of all, in the order of the files.
SELECT s.name, r.line, r.byte_offset, r.reason, r.message, r.line_bytes,
	substring(r.raw FROM 1 FOR $3::integer)
FROM calltally.reject r
LEFT JOIN calltally.source s USING (source_id)
WHERE $1::text IS NULL OR r.reason = $1
ORDER BY s.name, r.source_id, r.line
LIMIT $2
