-- Both PostgreSQL peers: the six reports as temporary views, sorted as they
-- are written. One pass over the calls makes all five rollups.
CREATE TEMP TABLE rollup AS
SELECT grouping(day, assistant_id, campaign_id) AS level,
	day, provider, assistant_id, campaign_id,
	count(*) AS calls,
	count(*) FILTER (WHERE bucket = 'queued') AS queued,
	count(*) FILTER (WHERE bucket = 'in_progress') AS in_progress,
	count(*) FILTER (WHERE bucket = 'ended') AS ended,
	count(*) FILTER (WHERE bucket = 'completed') AS completed,
	count(*) FILTER (WHERE bucket = 'transferred') AS transferred,
	count(*) FILTER (WHERE bucket = 'voicemail') AS voicemail,
	count(*) FILTER (WHERE bucket = 'no_answer') AS no_answer,
	count(*) FILTER (WHERE bucket = 'busy') AS busy,
	count(*) FILTER (WHERE bucket = 'failed') AS failed,
	count(*) FILTER (WHERE bucket = 'timeout') AS timeout,
	count(*) FILTER (WHERE bucket = 'aborted') AS aborted,
	count(*) FILTER (WHERE bucket = 'skipped') AS skipped,
	count(*) FILTER (WHERE bucket = 'invalid') AS invalid,
	count(*) FILTER (WHERE bucket = 'rescheduled') AS rescheduled,
	count(*) FILTER (WHERE bucket = 'other') AS other,
	count(*) FILTER (WHERE bucket NOT IN ('queued', 'skipped', 'invalid')) AS attempted,
	count(*) FILTER (WHERE bucket IN ('ended', 'completed', 'transferred', 'timeout')) AS connected,
	count(*) FILTER (WHERE success IS NOT NULL OR summary IS NOT NULL
		OR sentiment IS NOT NULL) AS analyzed,
	count(*) FILTER (WHERE success) AS succeeded,
	count(*) FILTER (WHERE NOT success) AS not_succeeded,
	count(*) FILTER (WHERE sentiment = 'positive') AS sentiment_positive,
	count(*) FILTER (WHERE sentiment = 'neutral') AS sentiment_neutral,
	count(*) FILTER (WHERE sentiment = 'negative') AS sentiment_negative,
	count(*) FILTER (WHERE sentiment = 'unknown') AS sentiment_unknown,
	coalesce(sum(duration_ms), 0) AS talk_ms,
	avg(duration_ms) FILTER (WHERE duration_ms > 0) AS talk_ms_avg,
	percentile_cont(ARRAY[0.5, 0.9]) WITHIN GROUP (ORDER BY duration_ms)
		FILTER (WHERE duration_ms > 0) AS talk_ms_p,
	coalesce(sum(credits_used_micro), 0) AS credits_used_micro,
	coalesce(sum(reattempts), 0) AS reattempts,
	coalesce(sum(reschedules), 0) AS reschedules
FROM (
	SELECT day_at::date AS day, provider,
		coalesce(assistant_id, '') AS assistant_id,
		coalesce(campaign_id, '') AS campaign_id,
		CASE WHEN voicemail AND outcome IN ('ended', 'completed', 'timeout')
			THEN 'voicemail' ELSE outcome END AS bucket,
		success, summary, sentiment, duration_ms, credits_used_micro,
		reattempts, reschedules
	FROM call
	OFFSET 0
) c
GROUP BY GROUPING SETS (
	(provider, day, assistant_id, campaign_id),
	(provider, day, assistant_id), (provider, day, campaign_id),
	(provider, assistant_id), (provider, campaign_id));

CREATE TEMP VIEW metrics AS
SELECT level, day, provider,
	nullif(assistant_id, '') AS assistant_id, NULL AS assistant_name,
	nullif(campaign_id, '') AS campaign_id, NULL AS campaign_name,
	calls, queued, in_progress, ended, completed, transferred, voicemail,
	no_answer, busy, failed, timeout, aborted, skipped, invalid, rescheduled,
	other, attempted, connected,
	round(connected::numeric / nullif(attempted, 0), 4) AS connect_rate,
	analyzed, succeeded, not_succeeded,
	round(succeeded::numeric / nullif(succeeded + not_succeeded, 0), 4)
		AS success_rate,
	sentiment_positive, sentiment_neutral, sentiment_negative,
	sentiment_unknown,
	trim_scale(talk_ms / 1000.0) AS talk_seconds,
	trim_scale(round(talk_ms_avg / 1000.0, 3)) AS talk_seconds_avg,
	trim_scale(round(talk_ms_p[1]::numeric / 1000.0, 3)) AS talk_seconds_p50,
	trim_scale(round(talk_ms_p[2]::numeric / 1000.0, 3)) AS talk_seconds_p90,
	CASE WHEN provider = 'miraiminds' THEN
		trim_scale(credits_used_micro / 1000000.0) END AS credits_used,
	CASE WHEN provider = 'miraiminds' THEN 'credits' END AS credits_unit,
	CASE WHEN provider = 'miraiminds' THEN
		round(credits_used_micro / 1000000.0 / nullif(succeeded, 0), 4)
	END AS credits_per_success,
	reattempts, reschedules
FROM rollup;

-- Names of assistants and campaigns: none are loaded in the bench, by anybody.
DO $$
DECLARE
	report record;
	columns text := (
		SELECT string_agg(attname, ', ' ORDER BY attnum) FROM pg_attribute
		WHERE attrelid = 'metrics'::regclass AND attnum > 7);
BEGIN
	FOR report IN
		SELECT * FROM (VALUES
			('assistant_daily', 1,
				'day, provider, assistant_id, assistant_name'),
			('campaign_daily', 2,
				'day, provider, campaign_id, campaign_name'),
			('assistant_campaign_daily', 0,
				'day, provider, assistant_id, assistant_name, campaign_id, campaign_name'),
			('assistant_total', 5, 'provider, assistant_id, assistant_name'),
			('campaign_total', 6, 'provider, campaign_id, campaign_name')
		) AS r (name, level, keys)
	LOOP
		EXECUTE format('CREATE TEMP VIEW %I AS SELECT %s, %s FROM metrics
			WHERE level = %s
			ORDER BY day NULLS FIRST, provider, assistant_id NULLS FIRST,
				campaign_id NULLS FIRST',
			report.name, report.keys, columns, report.level);
	END LOOP;
END $$;

CREATE TEMP VIEW calls AS
SELECT provider, call_id, day_at::date AS day,
	to_char(started_at, 'YYYY-MM-DD HH24:MI:SS') AS started_at,
	to_char(ended_at, 'YYYY-MM-DD HH24:MI:SS') AS ended_at,
	assistant_id, NULL AS assistant_name, campaign_id, NULL AS campaign_name,
	workspace, direction, from_number, to_number, outcome, status,
	voicemail::text, trim_scale(duration_ms / 1000.0) AS duration_seconds,
	success::text, sentiment, summary, required_actions, insights,
	CASE WHEN provider = 'miraiminds' THEN
		trim_scale(credits_used_micro / 1000000.0) END AS credits_used,
	CASE WHEN provider = 'miraiminds' THEN 'credits' END AS credits_unit,
	reattempts, reschedules, recording_url, detail_url,
	to_char(first_event_at, 'YYYY-MM-DD HH24:MI:SS') AS first_event_at,
	to_char(last_event_at, 'YYYY-MM-DD HH24:MI:SS') AS last_event_at,
	events
FROM call
ORDER BY call.day_at::date NULLS FIRST, provider, call_id;
