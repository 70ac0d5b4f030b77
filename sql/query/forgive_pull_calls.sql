-- Calls of a provider that a run asked for in vain because it was not
-- available: that is not held against them.
UPDATE calltally.pull_call
SET tries = greatest(tries - 1, 0), next_try_at = asked_at
WHERE run_id = $1 AND provider = $2 AND state = 'due' AND status_code <> 200
