-- The token bucket of a provider's host, as the last run left it.
SELECT tokens, at, not_before, in_use
FROM calltally.pull_bucket
WHERE provider = $1 AND host = $2
