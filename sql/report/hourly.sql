-- When calls connect: one row a provider, assistant, weekday and hour.
-- provider: who placed the calls
-- assistant_id: the provider's id; empty when none is known
-- assistant_name: its name, where a list gave one
-- weekday: 1 Monday to 7 Sunday, local, of the start, else of the first event
-- hour: 0 to 23, local, of the same; both are empty when no time is known
-- calls: number of calls
-- connected: those ended, completed, transferred or timed out, without voicemails
-- connect_rate: connected / calls without queued, skipped and invalid, 4 decimals; empty when there are none
SELECT provider, assistant_id, assistant.name AS assistant_name, weekday, hour,
	calls, connected,
	round(connected::numeric / nullif(attempted, 0), 4) AS connect_rate
FROM (
	SELECT provider, assistant_id,
		date_part('isodow', day)::integer AS weekday,
		date_part('hour', day_at)::integer AS hour,
		count(*) AS calls,
		count(*) FILTER (WHERE connected) AS connected,
		count(*) FILTER (WHERE attempted) AS attempted
	FROM report_call
	GROUP BY 1, 2, 3, 4
) c
LEFT JOIN assistant USING (provider, assistant_id)
ORDER BY provider, assistant_id, weekday NULLS FIRST, hour NULLS FIRST
