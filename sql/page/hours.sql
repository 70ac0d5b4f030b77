-- Each provider's hours of the week: what the report hourly counts, without
-- the assistants, and what was attempted, of which it only has the rate.
SELECT provider,
	date_part('isodow', day)::integer AS weekday,
	date_part('hour', day_at)::integer AS hour,
	count(*) AS calls,
	count(*) FILTER (WHERE attempted) AS attempted,
	count(*) FILTER (WHERE connected) AS connected
FROM report_call
GROUP BY 1, 2, 3
ORDER BY 1, 2, 3
