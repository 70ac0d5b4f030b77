-- The rows of a file as a publication stated them, each with its versions, by
-- day and key, older ones first. What is missing in a part is NULL. $1: series; $2, $3: window; $4: publication;
-- $5: only days that it changed.
DECLARE published_line NO SCROLL CURSOR FOR
SELECT p.day::text AS day, row.key, row.line, row.digest, p.publication, p.part
FROM calltally.published p
LEFT JOIN calltally.published_line l USING (series_id, day, publication, part)
CROSS JOIN unnest(p.keys, p.digests, l.lines) AS row (key, digest, line)
WHERE p.series_id = $1
	AND p.day BETWEEN $2::date AND $3::date
	AND p.publication <= $4
	AND (NOT $5::boolean OR p.day IN (
		SELECT day
		FROM calltally.published
		WHERE series_id = $1 AND publication = $4))
ORDER BY p.day, row.key COLLATE "C", p.publication
