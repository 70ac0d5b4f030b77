-- All calls, with the columns of copy_calls.
DECLARE verify_call NO SCROLL CURSOR FOR
SELECT c.call_key, c.provider, c.call_id, c.run_id, c.utc_days, c.day_at,
	c.first_event_at, c.last_event_at, c.events, c.has_summary, c.outcome,
	c.status, c.assistant_id, c.campaign_id, c.workspace, c.direction,
	c.from_number, c.to_number, c.started_at, c.ended_at, c.duration_ms,
	c.voicemail, c.success, c.sentiment, c.credits_used_micro,
	c.reattempts, c.reschedules, c.recording_url, c.detail_url,
	c.required_actions, c.insights, c.summary
FROM calltally.call c
ORDER BY c.call_key
