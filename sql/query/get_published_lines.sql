-- What was stated last of each of these rows, in their order.
SELECT p.line
FROM unnest($3::text[], $4::text[]) WITH ORDINALITY AS asked (day, key, no)
LEFT JOIN LATERAL (
	SELECT line
	FROM calltally.published
	WHERE series_id = $1 AND publication <= $2
		AND day = asked.day::date AND key = asked.key COLLATE "C"
	ORDER BY publication DESC
	LIMIT 1
) p ON true
ORDER BY asked.no
