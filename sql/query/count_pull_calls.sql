-- How many calls find_pull_calls would still find, and how many more it would
-- if they had a detail URL.
SELECT count(*) FILTER (WHERE NOT $6 OR detail_url IS NOT NULL),
	count(*) FILTER (WHERE $6 AND detail_url IS NULL)
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
