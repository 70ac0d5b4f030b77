-- The calls of the window: one row a call, as all that was said about it makes it.
-- KEY: provider, call_id
-- provider: who placed the call
-- call_id: the provider's id of the call
-- day: local date of the start, else of the first event; empty when neither is known
-- started_at: local time of the start
-- ended_at: local time of the end
-- assistant_id: the provider's id; empty when none is known
-- assistant_name: its name, where a list gave one
-- campaign_id: the provider's id; empty when none is known
-- campaign_name: its name, where a list gave one
-- workspace: the provider's account that the call belongs to
-- direction: inbound or outbound
-- from_number: the number that called
-- to_number: the number that was called
-- outcome: what became of the call, in calltally's words
-- status: the same in the provider's words
-- voicemail: true when a voicemail answered, false when not; empty when it is not said
-- duration_seconds: length of the talk
-- success: whether the call reached its aim, by the analysis
-- sentiment: positive, neutral, negative or unknown
-- summary: the analysis in words
-- required_actions: what is to be done, a JSON array
-- insights: what else the analysis found, a JSON object
-- credits_used: cost of the call, in credits_unit
-- credits_unit: "credits" or a currency; empty when the provider states none
-- reattempts: attempts after the first
-- reschedules: how often it was rescheduled
-- recording_url: where the provider keeps the recording
-- detail_url: where the provider keeps the call's details
-- first_event_at: local time of the first webhook or dispatch
-- last_event_at: local time of the last one
-- events: number of webhooks and dispatches
SELECT c.provider, c.call_id, c.day, c.started_at, c.ended_at,
	c.assistant_id, assistant.name AS assistant_name,
	c.campaign_id, campaign.name AS campaign_name,
	c.workspace, c.direction, c.from_number, c.to_number,
	c.outcome, c.status, c.voicemail,
	trim_scale(c.duration_ms * 0.001) AS duration_seconds,
	c.success, c.sentiment, c.summary, c.required_actions, c.insights,
	CASE WHEN provider.credits_unit <> '' THEN
		trim_scale(c.credits_used_micro * 0.000001)
	END AS credits_used,
	provider.credits_unit,
	c.reattempts, c.reschedules,
	c.recording_url, c.detail_url,
	c.first_event_at, c.last_event_at, c.events
FROM window_call c
LEFT JOIN provider USING (provider)
LEFT JOIN assistant USING (provider, assistant_id)
LEFT JOIN campaign USING (provider, campaign_id)
ORDER BY c.day NULLS FIRST, c.provider, c.call_id
