-- The weeks in which events lie, each found by one step in the index.
WITH RECURSIVE w (week) AS (
	(SELECT week FROM calltally.call_event ORDER BY week LIMIT 1)
	UNION ALL
	SELECT (
		SELECT e.week FROM calltally.call_event e
		WHERE e.week > w.week
		ORDER BY e.week LIMIT 1)
	FROM w WHERE w.week IS NOT NULL
)
SELECT week FROM w WHERE week IS NOT NULL
