-- The commonest values of each provider's commonest insights, from the report
-- insights. values: how many different ones there are; stated: calls with any.
WITH report AS (
:insights
), valued AS (
	SELECT provider, insight, value, sum(calls) AS calls
	FROM report
	GROUP BY provider, insight, value
), ranked AS (
	SELECT *,
		row_number() OVER (PARTITION BY provider, insight
			ORDER BY calls DESC, value) AS value_no,
		count(*) OVER (PARTITION BY provider, insight) AS values,
		sum(calls) OVER (PARTITION BY provider, insight) AS stated
	FROM valued
), numbered AS (
	SELECT *,
		dense_rank() OVER (PARTITION BY provider
			ORDER BY stated DESC, insight) AS insight_no
	FROM ranked
)
SELECT provider, left(insight, 100) AS insight, stated, values,
	left(value, 1000) AS value, calls
FROM numbered
WHERE value_no <= 6 AND insight_no <= 40
ORDER BY stated DESC, provider, insight, value_no
