-- All that was said about these calls: $1 are all days in which it lies.
SELECT e.call_key, e.identity, e.utc_day, e.time_stated, e.event_time,
	e.source_id, e.line, e.kind, e.outcome, e.type, e.status,
	e.assistant_id, e.campaign_id, e.workspace, e.direction,
	e.from_number, e.to_number, e.started_at, e.ended_at, e.duration_ms,
	e.voicemail, e.success, e.sentiment, e.credits_used_micro,
	e.credits_available_micro, e.reattempts, e.reschedules,
	e.recording_url, e.detail_url, e.required_actions, e.insights,
	e.summary
FROM unnest($2::uuid[]) AS k (call_key)
JOIN calltally.call_event e
	ON e.utc_day = ANY ($1::smallint[])
	AND e.call_key = k.call_key
ORDER BY e.call_key
