-- Calls that somebody has to act on: one row a call with required actions or a wish to be called back.
-- KEY: provider, call_id
-- provider: who placed the call
-- call_id: the provider's id of the call
-- day: local date of the start, else of the first event; empty when neither is known
-- assistant_id: the provider's id; empty when none is known
-- assistant_name: its name, where a list gave one
-- campaign_id: the provider's id; empty when none is known
-- campaign_name: its name, where a list gave one
-- to_number: the number that was called
-- outcome: what became of the call
-- summary: the analysis in words
-- required_actions: what is to be done, a JSON array
-- callback_requested: the insight of that name, true or false (also as text); empty when it is not said
SELECT c.provider, c.call_id, c.day,
	c.assistant_id, assistant.name AS assistant_name,
	c.campaign_id, campaign.name AS campaign_name,
	c.to_number, c.outcome, c.summary, c.required_actions,
	c.callback_requested
FROM (
	SELECT *, CASE lower(insights ->> 'callback_requested')
			WHEN 'true' THEN true
			WHEN 'false' THEN false
		END AS callback_requested
	FROM window_call
) c
LEFT JOIN assistant USING (provider, assistant_id)
LEFT JOIN campaign USING (provider, campaign_id)
WHERE c.required_actions IS NOT NULL OR c.callback_requested
ORDER BY c.day NULLS FIRST, c.provider, c.call_id
