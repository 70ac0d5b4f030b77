-- One call of a provider, whatever is known of it, if it was not asked for
-- since $3.
SELECT call_key, call_id, day_at, detail_url, terminal, held, analyzed, tries,
	false
FROM calltally.pull_candidate
WHERE call_key = $1
	AND (asked_at IS NULL OR asked_at < $2)
	AND (NOT $3 OR detail_url IS NOT NULL)
