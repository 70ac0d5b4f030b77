-- The events of these calls in these weeks of theirs, and their times.
SELECT k.call_key, e.identity, e.event_time
FROM unnest($1::smallint[], $2::uuid[]) AS k (week, call_key)
JOIN calltally.call_event e
	ON e.week = k.week
	AND e.call_key = k.call_key
