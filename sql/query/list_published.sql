-- Versions of a series' rows behind a place, without their lines: by day, older
-- ones first. $2, $3: window; $4: the last publication to count; $5, $6, $7:
-- the place; $8: how many.
SELECT p.day::text AS day, p.publication, p.part, p.keys, p.digests
FROM calltally.published p
WHERE p.series_id = $1
	AND p.day BETWEEN coalesce(nullif($2, ''), '-infinity')::date
		AND coalesce(nullif($3, ''), 'infinity')::date
	AND p.publication <= $4
	AND (p.day, p.publication, p.part) > ($5::date, $6::bigint, $7::bigint)
ORDER BY p.day, p.publication, p.part
LIMIT $8
