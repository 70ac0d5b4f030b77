-- The last publication in a zone up to an instant, a second or a day that is
-- told in that zone (the session's), with all these reports ($3; NULL: any).
SELECT publication, id, at, plain, changed_only,
	window_from::text AS window_from, window_to::text AS window_to, phones
FROM calltally.publication p
WHERE state = 'stated' AND zone = $1
	AND at < CASE
		WHEN $2::text ~ '^[0-9]{4}-[0-9]{2}-[0-9]{2}$'
			THEN ($2::text::date + 1)::timestamptz
		WHEN $2::text ~ '[.][0-9]' THEN
			$2::text::timestamptz + interval '1 microsecond'
		ELSE $2::text::timestamptz + interval '1 second'
	END
	AND NOT EXISTS (
		SELECT FROM unnest($3::text[]) AS asked (report)
		WHERE NOT EXISTS (
			SELECT
			FROM calltally.published_report r
			JOIN calltally.published_series s USING (series_id)
			WHERE r.publication = p.publication
				AND s.report = asked.report COLLATE "C"))
ORDER BY publication DESC
LIMIT 1
