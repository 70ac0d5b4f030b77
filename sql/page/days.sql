-- Each day and provider, newest first: the sums of the report assistant_daily.
WITH report AS (
:assistant_daily
)
SELECT day, provider,
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
	sum(succeeded) AS succeeded,
	sum(not_succeeded) AS not_succeeded,
	sum(sentiment_positive) AS sentiment_positive,
	sum(sentiment_neutral) AS sentiment_neutral,
	sum(sentiment_negative) AS sentiment_negative,
	sum(sentiment_unknown) AS sentiment_unknown,
	sum(talk_seconds) AS talk_seconds
FROM report
GROUP BY day, provider
ORDER BY day DESC NULLS LAST, provider
