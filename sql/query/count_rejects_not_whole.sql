-- Rejects of which only the start is kept, of one reason or of all.
SELECT count(*)
FROM calltally.reject
WHERE octet_length(raw) < line_bytes
	AND ($1::text IS NULL OR reason = $1)
