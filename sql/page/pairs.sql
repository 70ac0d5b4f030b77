-- Each assistant in each campaign over the whole window, the busiest first:
-- the sums of the report assistant_campaign_daily.
WITH report AS (
:assistant_campaign_daily
)
SELECT provider, assistant_id, assistant_name, campaign_id, campaign_name,
	sum(calls) AS calls,
	sum(queued) AS queued,
	sum(in_progress) AS in_progress,
	sum(ended) AS ended,
	sum(completed) AS completed,
	sum(transferred) AS transferred,
	sum(voicemail) AS voicemail,
	sum(no_answer) AS no_answer,
	sum(busy) AS busy,
	sum(failed) AS failed,
	sum(timeout) AS timeout,
	sum(aborted) AS aborted,
	sum(skipped) AS skipped,
	sum(invalid) AS invalid,
	sum(rescheduled) AS rescheduled,
	sum(other) AS other,
	sum(attempted) AS attempted,
	sum(connected) AS connected,
	sum(analyzed) AS analyzed,
	sum(succeeded) AS succeeded,
	sum(not_succeeded) AS not_succeeded,
	sum(sentiment_positive) AS sentiment_positive,
	sum(sentiment_neutral) AS sentiment_neutral,
	sum(sentiment_negative) AS sentiment_negative,
	sum(sentiment_unknown) AS sentiment_unknown,
	sum(talk_seconds) AS talk_seconds,
	sum(credits_used) AS credits_used,
	credits_unit,
	sum(reattempts) AS reattempts,
	sum(reschedules) AS reschedules
FROM report
GROUP BY provider, assistant_id, assistant_name, campaign_id, campaign_name,
	credits_unit
ORDER BY calls DESC, provider, assistant_id, campaign_id
