-- Which sources that were read since some instant speak of each of these
-- calls, in their order: the first by name, and how many there are.
SELECT found.name, found.names
FROM unnest($1::uuid[], $2::timestamptz[]) WITH ORDINALITY
	AS asked (call_key, since, no)
LEFT JOIN LATERAL (
	SELECT min(s.name) AS name, count(DISTINCT s.name) AS names
	FROM calltally.call c
	JOIN calltally.call_event e ON e.call_key = c.call_key
		AND e.utc_day = ANY (c.utc_days || -1::smallint)
	JOIN calltally.source s USING (source_id)
	WHERE c.call_key = asked.call_key AND s.last_read_at >= asked.since
) found ON true
ORDER BY asked.no
