-- The columns from assistant_id on are the fields of lib/call/field.h, in order.
COPY calltally.call_event (
	utc_day, time_stated, call_key, identity, event_time, source_id, line,
	kind, outcome, type, status,
	assistant_id, campaign_id, workspace, direction, from_number,
	to_number, started_at, ended_at, duration_ms, voicemail, success,
	sentiment, credits_used_micro, credits_available_micro, reattempts,
	reschedules, recording_url, detail_url, required_actions, insights,
	summary
) FROM STDIN (FORMAT binary)
