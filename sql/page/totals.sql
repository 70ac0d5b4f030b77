-- What the window comes to: the sums of the report assistant_total for each provider.
WITH report AS (
:assistant_total
)
SELECT provider, credits_unit,
	sum(calls) AS calls,
	sum(attempted) AS attempted,
	sum(connected) AS connected,
	sum(analyzed) AS analyzed,
	sum(succeeded) AS succeeded,
	sum(not_succeeded) AS not_succeeded,
	sum(talk_seconds) AS talk_seconds,
	sum(credits_used) AS credits_used,
	sum(reattempts) AS reattempts,
	sum(reschedules) AS reschedules
FROM report
GROUP BY provider, credits_unit
ORDER BY provider
