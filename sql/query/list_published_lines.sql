-- The same with their lines. $9: only days that publication $4 changed.
SELECT p.day::text AS day, p.key, p.publication, p.line
FROM calltally.published p
WHERE p.series_id = $1
	AND p.day BETWEEN $2::date AND $3::date
	AND p.publication <= $4
	AND (p.day, p.key, p.publication) > ($5::date, $6, $7::bigint)
	AND (NOT $9::boolean OR p.day IN (
		SELECT day
		FROM calltally.published
		WHERE series_id = $1 AND publication = $4))
ORDER BY p.day, p.key, p.publication
LIMIT $8
