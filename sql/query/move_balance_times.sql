-- The same for the balances that such events stated.
UPDATE calltally.credit_balance b
SET event_time = k.event_time
FROM unnest($1::smallint[], $2::uuid[], $3::uuid[], $4::timestamptz[])
	AS k (utc_day, call_key, identity, event_time)
WHERE b.utc_day = k.utc_day
	AND b.call_key = k.call_key
	AND b.identity = k.identity
