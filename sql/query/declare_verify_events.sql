-- All events, call by call.
DECLARE verify_event NO SCROLL CURSOR FOR
SELECT e.call_key, e.identity, e.utc_day, e.time_stated, e.event_time,
	e.source_id, e.line, e.kind, e.outcome, e.type, e.status,
	e.assistant_id, e.campaign_id, e.workspace, e.direction,
	e.from_number, e.to_number, e.started_at, e.ended_at, e.duration_ms,
	e.voicemail, e.success, e.sentiment, e.credits_used_micro,
	e.credits_available_micro, e.reattempts, e.reschedules,
	e.recording_url, e.detail_url, e.required_actions, e.insights,
	e.summary
FROM calltally.call_event e
ORDER BY e.call_key, e.identity
