-- The balances that such events stated.
DELETE FROM calltally.credit_balance b
USING unnest($1::smallint[], $2::uuid[], $3::uuid[])
	AS k (utc_day, call_key, identity)
WHERE b.utc_day = k.utc_day
	AND b.call_key = k.call_key
	AND b.identity = k.identity
