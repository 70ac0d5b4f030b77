-- The balance that closes a day of a workspace, as credits_daily has it, and
-- the event that stated it. $1: day, $2: provider, $3: workspace.
SELECT c.provider, c.call_id, b.identity,
	trim_scale(b.available_micro * 0.000001)::text
FROM calltally.window_balance b
JOIN calltally.call c USING (call_key)
WHERE b.event_time IS NOT NULL
	AND b.day::text = $1
	AND c.provider = $2
	AND coalesce(c.workspace, '') = $3
ORDER BY b.event_time DESC, b.identity DESC
LIMIT 1
