-- The days in which events lie, each found by one step in the index.
WITH RECURSIVE w (utc_day) AS (
	(SELECT utc_day FROM calltally.call_event ORDER BY utc_day LIMIT 1)
	UNION ALL
	SELECT (
		SELECT e.utc_day FROM calltally.call_event e
		WHERE e.utc_day > w.utc_day
		ORDER BY e.utc_day LIMIT 1)
	FROM w WHERE w.utc_day IS NOT NULL
)
SELECT utc_day FROM w WHERE utc_day IS NOT NULL
