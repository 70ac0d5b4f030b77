-- The columns from assistant_id on are the fields of lib/call/field.h, in order,
-- without credits_available.
COPY calltally.call (
	call_key, provider, call_id, run_id, utc_days, day_at, first_event_at,
	last_event_at, events, has_summary, outcome, status,
	assistant_id, campaign_id, workspace, direction, from_number,
	to_number, started_at, ended_at, duration_ms, voicemail, success,
	sentiment, credits_used_micro, reattempts, reschedules,
	recording_url, detail_url, required_actions, insights, summary
) FROM STDIN (FORMAT binary)
