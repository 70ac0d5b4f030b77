-- The token bucket of a provider's host.
INSERT INTO calltally.pull_bucket (provider, host, tokens, at, not_before, in_use)
VALUES ($1, $2, $3, $4, $5, $6)
ON CONFLICT (provider, host) DO UPDATE SET
	tokens = excluded.tokens,
	at = excluded.at,
	not_before = excluded.not_before,
	in_use = excluded.in_use
