-- Calls by provider and outcome, and what they lack.
SELECT provider, outcome, count(*),
	count(*) FILTER (WHERE assistant_id IS NULL),
	count(*) FILTER (WHERE campaign_id IS NULL),
	count(*) FILTER (WHERE success IS NULL AND sentiment IS NULL
		AND NOT has_summary),
	min(day_at), max(day_at)
FROM calltally.call
GROUP BY provider, outcome
ORDER BY provider, outcome
