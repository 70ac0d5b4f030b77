-- The latest balance of each workspace.
SELECT DISTINCT ON (c.provider, c.workspace) c.provider, c.workspace,
	b.available_micro, b.event_time
FROM calltally.credit_balance b
JOIN calltally.call c USING (call_key)
ORDER BY c.provider, c.workspace, b.event_time DESC NULLS LAST,
	b.identity DESC
