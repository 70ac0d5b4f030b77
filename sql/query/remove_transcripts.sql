-- The transcripts of such events.
DELETE FROM calltally.transcript t
USING unnest($1::uuid[], $2::uuid[]) AS k (call_key, identity)
WHERE t.call_key = k.call_key
	AND t.identity = k.identity
