-- Which of these events are there, and their times.
SELECT k.call_key, k.identity, e.event_time
FROM unnest($1::smallint[], $2::uuid[], $3::uuid[])
	AS k (utc_day, call_key, identity)
JOIN calltally.call_event e
	ON e.utc_day = k.utc_day
	AND e.call_key = k.call_key
	AND e.identity = k.identity
