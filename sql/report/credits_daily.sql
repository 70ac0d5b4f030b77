-- What calls cost and what is left: one row a day, provider and workspace.
-- KEY: provider, workspace
-- day: local date of the calls, and of the balance; empty when none is known
-- provider: who placed the calls
-- workspace: the provider's account; empty when none is known
-- credits_used: sum of the credits that the day's calls used; empty when the provider states none
-- credits_unit: "credits" or a currency; empty when the provider states none
-- closing_balance: the last balance stated on that day; empty when there was none
WITH closing AS (
	SELECT DISTINCT ON (b.day, c.provider, workspace)
		b.day, c.provider, coalesce(c.workspace, '') AS workspace,
		b.available_micro
	FROM window_balance b
	JOIN call c USING (call_key)
	WHERE b.event_time IS NOT NULL	-- else it closes no day
	ORDER BY b.day, c.provider, workspace,
		b.event_time DESC, b.identity DESC
), stated AS (
	SELECT day, provider, workspace,
		sum(credits_used_micro) AS used_micro, NULL::bigint AS balance_micro
	FROM report_call
	GROUP BY day, provider, workspace
	UNION ALL
	SELECT day, provider, workspace, NULL, available_micro
	FROM closing
)
SELECT s.day, s.provider, s.workspace,
	CASE WHEN p.credits_unit <> '' THEN
		trim_scale(coalesce(sum(used_micro), 0) * 0.000001)
	END AS credits_used,
	p.credits_unit,
	CASE WHEN p.credits_unit <> '' THEN
		trim_scale(max(balance_micro) * 0.000001)
	END AS closing_balance
FROM stated s
LEFT JOIN provider p USING (provider)
GROUP BY s.day, s.provider, s.workspace, p.credits_unit
ORDER BY s.day NULLS FIRST, s.provider, s.workspace
