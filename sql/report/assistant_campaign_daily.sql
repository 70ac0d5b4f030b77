-- The calls of each day, assistant and campaign: one row a day, provider, assistant and campaign.
-- KEY: provider, assistant_id, campaign_id
-- day: local date of the start, else of the first event; empty when neither is known
-- provider: who placed the calls
-- assistant_id: the provider's id; empty when none is known
-- assistant_name: its name, where a list gave one
-- campaign_id: the provider's id; empty when none is known
-- campaign_name: its name, where a list gave one
-- calls ... reschedules: the METRICS, as in assistant_daily
SELECT day, provider, assistant_id, assistant_name, campaign_id, campaign_name,
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
WHERE report = 'assistant_campaign_daily'
ORDER BY day NULLS FIRST, provider, assistant_id, campaign_id
