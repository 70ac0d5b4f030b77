-- The last days that have calls (UTC), the latest first: what these lack, and
-- when the run began that changed one of them last.
WITH RECURSIVE day (day) AS (
	SELECT max(day_at)::date FROM calltally.call
	UNION ALL
	SELECT (SELECT max(day_at)::date FROM calltally.call
		WHERE day_at < d.day)
	FROM day d
	WHERE d.day IS NOT NULL
)
SELECT to_char(d.day, 'YYYY-MM-DD'), c.*
FROM (SELECT day FROM day WHERE day IS NOT NULL LIMIT $1) d
CROSS JOIN LATERAL (
	SELECT count(*),
		count(*) FILTER (WHERE outcome IN ('queued', 'in_progress', 'ended')),
		count(*) FILTER (WHERE assistant_id IS NULL),
		count(*) FILTER (WHERE campaign_id IS NULL),
		count(*) FILTER (WHERE outcome = 'completed' AND success IS NULL
			AND sentiment IS NULL AND NOT has_summary),
		max(r.started_at)
	FROM calltally.call
	LEFT JOIN calltally.run r USING (run_id)
	WHERE day_at >= d.day AND day_at < d.day + 1
) c
ORDER BY d.day DESC
