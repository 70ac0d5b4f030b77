-- Versions of a series' rows behind a place, without their lines: by day
-- and key, older ones first. $2, $3: window; $4: the last publication to
-- count; $5, $6, $7: the place.
SELECT day::text AS day, key, publication, digest
FROM calltally.published
WHERE series_id = $1
	AND day BETWEEN coalesce(nullif($2, ''), '-infinity')::date
		AND coalesce(nullif($3, ''), 'infinity')::date
	AND publication <= $4
	AND (day, key, publication) > ($5::date, $6, $7::bigint)
ORDER BY day, key, publication
LIMIT $8
