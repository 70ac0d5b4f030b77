-- What further attempts brought: one row a provider, campaign and number of reattempts.
-- provider: who placed the calls
-- campaign_id: the provider's id; empty when none is known
-- campaign_name: its name, where a list gave one
-- reattempts: attempts after the first; empty when the provider did not say
-- calls: number of calls with so many reattempts
-- connected: those ended, completed, transferred or timed out, without voicemails
-- succeeded: those whose analysis says success
SELECT provider, campaign_id, campaign.name AS campaign_name, reattempts,
	calls, connected, succeeded
FROM (
	SELECT provider, campaign_id, reattempts,
		count(*) AS calls,
		count(*) FILTER (WHERE connected) AS connected,
		count(*) FILTER (WHERE success) AS succeeded
	FROM report_call
	GROUP BY provider, campaign_id, reattempts
) c
LEFT JOIN campaign USING (provider, campaign_id)
ORDER BY provider, campaign_id, reattempts NULLS FIRST
