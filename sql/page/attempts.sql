-- Each provider's numbers of further attempts: the sums of the report attempts.
WITH report AS (
:attempts
)
SELECT provider, reattempts,
	sum(calls) AS calls,
	sum(connected) AS connected,
	sum(succeeded) AS succeeded
FROM report
GROUP BY provider, reattempts
ORDER BY provider, reattempts NULLS FIRST
