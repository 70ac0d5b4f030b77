-- How far a walk over a provider's list is.
INSERT INTO calltally.pull_cursor (provider, run_id, cursor, after_at, before_at, at)
VALUES ($1, $2, $3, $4, $5, $6)
ON CONFLICT (provider) DO UPDATE SET
	run_id = excluded.run_id,
	cursor = excluded.cursor,
	after_at = excluded.after_at,
	before_at = excluded.before_at,
	at = excluded.at
