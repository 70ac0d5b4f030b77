-- The walk over a provider's list that was cut off after $2.
SELECT run_id, cursor, after_at, before_at
FROM calltally.pull_cursor
WHERE provider = $1 AND at > $2
