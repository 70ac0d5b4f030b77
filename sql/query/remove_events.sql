-- Events that are about to be derived anew, or that their lines tell no more.
DELETE FROM calltally.call_event e
USING unnest($1::smallint[], $2::uuid[], $3::uuid[])
	AS k (utc_day, call_key, identity)
WHERE e.utc_day = k.utc_day
	AND e.call_key = k.call_key
	AND e.identity = k.identity
