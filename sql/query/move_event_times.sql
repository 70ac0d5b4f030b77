-- An earlier receipt of known events whose bodies state no time.
UPDATE calltally.call_event e
SET event_time = k.event_time
FROM unnest($1::smallint[], $2::uuid[], $3::uuid[], $4::timestamptz[])
	AS k (utc_day, call_key, identity, event_time)
WHERE e.utc_day = k.utc_day
	AND e.call_key = k.call_key
	AND e.identity = k.identity
