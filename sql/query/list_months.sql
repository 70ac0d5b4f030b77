-- The months in which events lie, each found by one step in the index.
WITH RECURSIVE m (month) AS (
	(SELECT month FROM calltally.call_event ORDER BY month LIMIT 1)
	UNION ALL
	SELECT (
		SELECT e.month FROM calltally.call_event e
		WHERE e.month > m.month
		ORDER BY e.month LIMIT 1)
	FROM m WHERE m.month IS NOT NULL
)
SELECT month FROM m WHERE month IS NOT NULL
