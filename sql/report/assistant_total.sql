-- The calls of each assistant over the whole window: one row a provider and assistant.
-- provider: who placed the calls
-- assistant_id: the provider's id; empty when none is known
-- assistant_name: its name, where a list gave one
-- calls ... reschedules: the METRICS, as in assistant_daily
SELECT provider, assistant_id, assistant_name,
	calls,
	queued, in_progress, ended, completed, transferred, voicemail, no_answer,
	busy, failed, timeout, aborted, skipped, invalid, rescheduled, other,
	attempted, connected, connect_rate,
	analyzed, succeeded, not_succeeded, success_rate,
	sentiment_positive, sentiment_neutral, sentiment_negative,
	sentiment_unknown,
	talk_seconds, talk_seconds_avg, talk_seconds_p50, talk_seconds_p90,
	credits_used, credits_unit, credits_per_success,
	reattempts, reschedules
FROM report_rollup
WHERE report = 'assistant_total'
ORDER BY provider, assistant_id
