-- The latest balance of each workspace: its time first, by groups, as a sort
-- of all balances would not fit into memory; then, by index, the one stated
-- last of those of that time. One without a time is the latest where no other is.
WITH latest AS MATERIALIZED (
	SELECT c.provider, c.workspace, max(b.event_time) AS event_time
	FROM calltally.credit_balance b
	JOIN calltally.call c USING (call_key)
	GROUP BY c.provider, c.workspace
)
SELECT l.provider, l.workspace, b.available_micro, l.event_time
FROM latest l
CROSS JOIN LATERAL (
	SELECT b.available_micro
	FROM (
		SELECT * FROM calltally.credit_balance
		WHERE event_time = l.event_time
		UNION ALL
		SELECT * FROM calltally.credit_balance
		WHERE l.event_time IS NULL AND event_time IS NULL
	) b
	JOIN calltally.call c USING (call_key)
	WHERE c.provider = l.provider
		AND c.workspace IS NOT DISTINCT FROM l.workspace
	ORDER BY b.identity DESC
	LIMIT 1
) b
ORDER BY l.provider, l.workspace
