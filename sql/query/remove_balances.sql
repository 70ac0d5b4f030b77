-- The balances that such events stated.
DELETE FROM calltally.credit_balance b
USING unnest($1::uuid[], $2::uuid[]) AS k (call_key, identity)
WHERE b.call_key = k.call_key
	AND b.identity = k.identity
