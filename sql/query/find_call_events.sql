-- The events of these calls in these days of theirs, and their times.
SELECT k.call_key, e.identity, e.event_time
FROM unnest($1::smallint[], $2::uuid[]) AS k (utc_day, call_key)
JOIN calltally.call_event e
	ON e.utc_day = k.utc_day
	AND e.call_key = k.call_key
