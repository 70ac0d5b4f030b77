-- What the analyses found: one row a provider, assistant, campaign, insight and value.
-- provider: who placed the calls
-- assistant_id: the provider's id; empty when none is known
-- assistant_name: its name, where a list gave one
-- campaign_id: the provider's id; empty when none is known
-- campaign_name: its name, where a list gave one
-- insight: name of the insight
-- value: its value as text; lists and objects as compact JSON
-- calls: number of calls with this value
--
-- Equal objects are counted before they are taken apart.
WITH found AS (
	SELECT provider, coalesce(assistant_id, '') AS assistant_id,
		coalesce(campaign_id, '') AS campaign_id,
		insights::text COLLATE "C" AS insights,
		count(*) AS calls
	FROM window_call
	WHERE insights IS NOT NULL
	GROUP BY 1, 2, 3, 4
), insight AS (
	SELECT provider, assistant_id, campaign_id,
		key COLLATE "C" AS insight, value COLLATE "C" AS value,
		sum(calls) AS calls
	FROM found, json_each_text(insights::json)
	GROUP BY 1, 2, 3, 4, 5
)
SELECT provider, assistant_id, assistant.name AS assistant_name,
	campaign_id, campaign.name AS campaign_name,
	insight, value, calls
FROM insight
LEFT JOIN assistant USING (provider, assistant_id)
LEFT JOIN campaign USING (provider, campaign_id)
ORDER BY provider, assistant_id, campaign_id, insight, value NULLS FIRST
