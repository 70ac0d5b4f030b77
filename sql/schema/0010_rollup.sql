-- The rollups with less work: another way to the same rows as in 0002.
--
-- There the finest groups were numbered by sorts of their wide rows, and
-- summed once more into themselves as one of the rollups. Now they are that
-- rollup as they are, and only the few assistants and campaigns get numbers.

-- The calls counted in the finest groups that the rollups have; talk holds the
-- durations above zero. The counts are int because sums of int are quick,
-- those of bigint are not.
CREATE VIEW calltally.report_finest AS
SELECT day, provider, assistant_id, campaign_id,
	count(*)::int AS calls,
	(count(*) FILTER (WHERE bucket = 'queued'))::int AS queued,
	(count(*) FILTER (WHERE bucket = 'in_progress'))::int AS in_progress,
	(count(*) FILTER (WHERE bucket = 'ended'))::int AS ended,
	(count(*) FILTER (WHERE bucket = 'completed'))::int AS completed,
	(count(*) FILTER (WHERE bucket = 'transferred'))::int AS transferred,
	(count(*) FILTER (WHERE bucket = 'voicemail'))::int AS voicemail,
	(count(*) FILTER (WHERE bucket = 'no_answer'))::int AS no_answer,
	(count(*) FILTER (WHERE bucket = 'busy'))::int AS busy,
	(count(*) FILTER (WHERE bucket = 'failed'))::int AS failed,
	(count(*) FILTER (WHERE bucket = 'timeout'))::int AS timeout,
	(count(*) FILTER (WHERE bucket = 'aborted'))::int AS aborted,
	(count(*) FILTER (WHERE bucket = 'skipped'))::int AS skipped,
	(count(*) FILTER (WHERE bucket = 'invalid'))::int AS invalid,
	(count(*) FILTER (WHERE bucket = 'rescheduled'))::int AS rescheduled,
	(count(*) FILTER (WHERE bucket = 'other'))::int AS other,
	(count(*) FILTER (WHERE attempted))::int AS attempted,
	(count(*) FILTER (WHERE connected))::int AS connected,
	(count(*) FILTER (WHERE analyzed))::int AS analyzed,
	(count(*) FILTER (WHERE success))::int AS succeeded,
	(count(*) FILTER (WHERE NOT success))::int AS not_succeeded,
	(count(*) FILTER (WHERE sentiment = 'positive'))::int AS sentiment_positive,
	(count(*) FILTER (WHERE sentiment = 'neutral'))::int AS sentiment_neutral,
	(count(*) FILTER (WHERE sentiment = 'negative'))::int AS sentiment_negative,
	(count(*) FILTER (WHERE sentiment NOT IN
		('positive', 'neutral', 'negative')))::int AS sentiment_unknown,
	coalesce(sum(duration_ms), 0) AS talk_ms,
	coalesce(sum(credits_used_micro), 0) AS credits_used_micro,
	coalesce(sum(reattempts), 0) AS reattempts,
	coalesce(sum(reschedules), 0) AS reschedules,
	array_agg(duration_ms) FILTER (WHERE duration_ms > 0) AS talk
FROM calltally.report_call
GROUP BY day, provider, assistant_id, campaign_id;

-- The rollups, and the only place where their METRICS are defined. Rows of
-- all five of them: report says of which one, by the name of its file, and
-- keys that it does not have are NULL. assistant_daily.sql tells what the
-- columns mean.
--
-- Counts come from counts: the finest groups are a rollup themselves, the
-- coarser ones are summed from them. Percentiles are not: they take the single
-- durations of each group once more, grouped by numbers because sorting by
-- text is slow. They are tenths of milliseconds at most: the first round()
-- takes away the noise of floating point, the second is the contract's.
CREATE OR REPLACE VIEW calltally.report_rollup AS
WITH finest AS MATERIALIZED (
	SELECT * FROM calltally.report_finest
), assistant AS MATERIALIZED (
	SELECT provider, assistant_id, (row_number() OVER ())::int AS assistant_no
	FROM (SELECT DISTINCT provider, assistant_id FROM finest) a
), campaign AS MATERIALIZED (
	SELECT provider, campaign_id, (row_number() OVER ())::int AS campaign_no
	FROM (SELECT DISTINCT provider, campaign_id FROM finest) c
), talk AS (
	SELECT grouping(day, assistant_no, campaign_no) AS level,
		day, assistant_no, campaign_no,
		count(ms) AS calls,
		percentile_cont(ARRAY[0.5, 0.9]) WITHIN GROUP (ORDER BY ms) AS ms
	FROM finest
	JOIN assistant USING (provider, assistant_id)
	JOIN campaign USING (provider, campaign_id)
	CROSS JOIN LATERAL unnest(talk) ms
	GROUP BY GROUPING SETS (
		(assistant_no, day), (campaign_no, day),
		(assistant_no), (campaign_no))
), total AS (
	SELECT grouping(day, assistant_id, campaign_id) AS level,
		day, provider, assistant_id, campaign_id,
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
		sum(talk_ms) AS talk_ms,
		sum(credits_used_micro) AS credits_used_micro,
		sum(reattempts) AS reattempts,
		sum(reschedules) AS reschedules
	FROM finest
	GROUP BY GROUPING SETS (
		(provider, assistant_id, day), (provider, campaign_id, day),
		(provider, assistant_id), (provider, campaign_id))
), every AS (
	SELECT 0 AS level, day, provider, assistant_id, campaign_id,
		calls::bigint, queued::bigint, in_progress::bigint, ended::bigint,
		completed::bigint, transferred::bigint, voicemail::bigint,
		no_answer::bigint, busy::bigint, failed::bigint, timeout::bigint,
		aborted::bigint, skipped::bigint, invalid::bigint,
		rescheduled::bigint, other::bigint,
		attempted::bigint, connected::bigint, analyzed::bigint,
		succeeded::bigint, not_succeeded::bigint,
		sentiment_positive::bigint, sentiment_neutral::bigint,
		sentiment_negative::bigint, sentiment_unknown::bigint,
		talk_ms, credits_used_micro, reattempts, reschedules,
		cardinality(talk) AS talk_calls,
		(SELECT percentile_cont(ARRAY[0.5, 0.9]) WITHIN GROUP (ORDER BY ms)
			FROM unnest(talk) ms) AS ms
	FROM finest
	UNION ALL
	SELECT total.*, talk.calls, talk.ms
	FROM total
	LEFT JOIN assistant USING (provider, assistant_id)
	LEFT JOIN campaign USING (provider, campaign_id)
	LEFT JOIN talk ON talk.level = total.level
		AND coalesce(talk.day, 'infinity') = coalesce(total.day, 'infinity')
		AND coalesce(talk.assistant_no, talk.campaign_no)
			= coalesce(assistant.assistant_no, campaign.campaign_no)
)
SELECT
	CASE level
		WHEN 0 THEN 'assistant_campaign_daily'
		WHEN 1 THEN 'assistant_daily'
		WHEN 2 THEN 'campaign_daily'
		WHEN 5 THEN 'assistant_total'
		WHEN 6 THEN 'campaign_total'
	END AS report,
	day,
	provider,
	assistant_id,
	assistant.name AS assistant_name,
	campaign_id,
	campaign.name AS campaign_name,
	calls,
	queued, in_progress, ended, completed,
	transferred, voicemail, no_answer, busy,
	failed, timeout, aborted, skipped,
	invalid, rescheduled, other,
	attempted,
	connected,
	round(connected::numeric / nullif(attempted, 0), 4) AS connect_rate,
	analyzed,
	succeeded,
	not_succeeded,
	round(succeeded::numeric / nullif(succeeded + not_succeeded, 0), 4)
		AS success_rate,
	sentiment_positive, sentiment_neutral,
	sentiment_negative, sentiment_unknown,
	trim_scale(talk_ms * 0.001) AS talk_seconds,
	trim_scale(round(talk_ms / (nullif(talk_calls, 0) * 1000.0), 3))
		AS talk_seconds_avg,
	trim_scale(round(round(ms[1]::numeric, 1) * 0.001, 3))
		AS talk_seconds_p50,
	trim_scale(round(round(ms[2]::numeric, 1) * 0.001, 3))
		AS talk_seconds_p90,
	CASE WHEN credits_unit <> '' THEN
		trim_scale(credits_used_micro * 0.000001)
	END AS credits_used,
	nullif(credits_unit, '') AS credits_unit,
	CASE WHEN credits_unit <> '' THEN
		round(credits_used_micro / (nullif(succeeded, 0) * 1000000.0), 4)
	END AS credits_per_success,
	reattempts,
	reschedules
FROM every
LEFT JOIN calltally.provider USING (provider)
LEFT JOIN calltally.assistant USING (provider, assistant_id)
LEFT JOIN calltally.campaign USING (provider, campaign_id);

DROP VIEW calltally.report_cell;
