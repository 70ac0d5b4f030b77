-- Calls of a provider that need to be asked for, the oldest first: since $2,
-- not terminal though older than $3, due at $4, not asked since $5. $6: only
-- those with a detail URL. $7: the walk whose calls are marked.
SELECT call_key, call_id, day_at, detail_url, terminal, held, analyzed, tries,
	coalesce(run_id = $7, false)
FROM calltally.pull_candidate
WHERE provider = $1
	AND (day_at >= $2 OR day_at IS NULL)
	AND (NOT has_assistant
		OR (NOT terminal AND (day_at <= $3 OR day_at IS NULL))
		OR (held AND NOT analyzed))
	AND (state IS NULL
		OR (state = 'due'
			-- No wait is longer than a day: what says so was written by a
			-- clock that ran ahead.
			AND (next_try_at <= $4 OR next_try_at > $4 + interval '25 hours')
			AND (asked_at IS NULL OR asked_at < $5 OR asked_at > $4)))
	AND (NOT $6 OR detail_url IS NOT NULL)
ORDER BY day_at, call_key
LIMIT $8
