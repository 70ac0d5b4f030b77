-- Rejects that are kept whole, behind a place, of one reason or of all.
SELECT source_id, line, raw
FROM calltally.reject
WHERE (source_id, line) > ($1::bigint, $2::bigint)
	AND octet_length(raw) = line_bytes
	AND ($3::text IS NULL OR reason = $3)
ORDER BY source_id, line
LIMIT $4
