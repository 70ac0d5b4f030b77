-- The events of these calls in these months of theirs, and their times.
SELECT k.call_key, e.identity, e.event_time
FROM unnest($1::smallint[], $2::uuid[]) AS k (month, call_key)
JOIN calltally.call_event e
	ON e.month = k.month
	AND e.call_key = k.call_key
