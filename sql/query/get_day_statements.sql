-- By which publication each of these days was stated last, in their order;
-- days that were not, or not over then, are left out. Days are those of the
-- session's time zone. $1: series; $2: the last publication to count.
SELECT asked.day, p.at, date_trunc('second', p.at)::timestamp::text AS at_local,
	p.columns
FROM unnest($3::text[]) WITH ORDINALITY AS asked (day, no)
JOIN LATERAL (
	SELECT p.at, r.columns
	FROM calltally.published_report r
	JOIN calltally.publication p USING (publication)
	WHERE r.series_id = $1 AND r.publication <= $2
		AND asked.day::date BETWEEN p.window_from AND p.window_to
	ORDER BY r.publication DESC
	LIMIT 1
) p ON asked.day::date < p.at::date
ORDER BY asked.no
