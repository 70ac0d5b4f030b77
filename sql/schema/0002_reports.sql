-- What the reports share: the window, the calls in it, the metrics.
--
-- sql/report/*.sql and users' reports are single SELECTs without parameters,
-- which name all this without its schema (search_path = calltally). A day is
-- a local date of the session's TimeZone. The window is told by two settings,
-- days that both belong to it; empty or not set is open:
--
--	SELECT set_config('calltally.from', '2026-02-01', false),
--		set_config('calltally.to', '2026-02-28', false);

-- The window's first day, -infinity when it is open. These functions are
-- declared IMMUTABLE although they read a setting: so the planner takes them
-- for constants, finds the index for a window, and drops the filter for none.
-- A prepared statement therefore keeps the window it was planned with.
CREATE FUNCTION calltally.window_from() RETURNS date
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN coalesce(nullif(current_setting('calltally.from', true), ''),
	'-infinity')::date;

-- The window's last day, infinity when it is open.
CREATE FUNCTION calltally.window_to() RETURNS date
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN coalesce(nullif(current_setting('calltally.to', true), ''),
	'infinity')::date;

-- Whether there is no window, so that calls without any time belong to it.
CREATE FUNCTION calltally.window_is_open() RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN calltally.window_from() = '-infinity'
	AND calltally.window_to() = 'infinity';

-- Instants that surely enclose the window, whatever the zone does at midnight:
-- for the index; the local date decides.
CREATE FUNCTION calltally.window_since() RETURNS timestamptz
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN (calltally.window_from() - 1)::timestamptz;

CREATE FUNCTION calltally.window_until() RETURNS timestamptz
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN (calltally.window_to() + 2)::timestamptz;

-- The calls of the window with all their columns, and their day.
CREATE VIEW calltally.window_call AS
SELECT day_at::date AS day, *
FROM calltally.call
WHERE calltally.window_is_open()
	OR (day_at >= calltally.window_since()
		AND day_at < calltally.window_until()
		AND day_at::date BETWEEN calltally.window_from()
			AND calltally.window_to());

-- The balances of the window, by their own day.
CREATE VIEW calltally.window_balance AS
SELECT event_time::date AS day, *
FROM calltally.credit_balance
WHERE calltally.window_is_open()
	OR (event_time >= calltally.window_since()
		AND event_time < calltally.window_until()
		AND event_time::date BETWEEN calltally.window_from()
			AND calltally.window_to());

-- The calls of the window as the reports count them: each call is in one
-- bucket, and has or has not been attempted, connected and analyzed.
-- OFFSET 0 keeps the bucket from being computed anew at each mention.
CREATE VIEW calltally.report_call AS
SELECT c.*,
	bucket NOT IN ('queued', 'skipped', 'invalid') AS attempted,
	bucket IN ('ended', 'completed', 'transferred', 'timeout') AS connected
FROM (
	SELECT call_key, day, day_at, provider,
		coalesce(assistant_id, '') AS assistant_id,
		coalesce(campaign_id, '') AS campaign_id,
		coalesce(workspace, '') AS workspace,
		CASE
			WHEN voicemail AND outcome IN ('ended', 'completed', 'timeout')
				THEN 'voicemail'
			ELSE outcome
		END AS bucket,
		success IS NOT NULL OR has_summary OR sentiment IS NOT NULL
			AS analyzed,
		success, sentiment, duration_ms, credits_used_micro,
		reattempts, reschedules
	FROM calltally.window_call
	OFFSET 0
) c;

-- The calls counted in the finest groups that the rollups have. assistant_no
-- and campaign_no number the assistants and campaigns of all providers, cell
-- numbers the rows; talk holds the durations above zero. The counts are int
-- because sums of int are quick, those of bigint are not.
CREATE VIEW calltally.report_cell AS
SELECT row_number() OVER () AS cell,
	dense_rank() OVER (ORDER BY provider, assistant_id) AS assistant_no,
	dense_rank() OVER (ORDER BY provider, campaign_id) AS campaign_no,
	day, provider, assistant_id, campaign_id,
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
-- Counts come from counts. Percentiles do not: they take the single durations
-- of each group once more, grouped by numbers because sorting by text is
-- slow. Both sides know a group by the least of its cells. Percentiles are
-- tenths of milliseconds at most: the first round() takes away the noise of
-- floating point, the second is the contract's.
CREATE VIEW calltally.report_rollup AS
WITH cell AS MATERIALIZED (
	SELECT * FROM calltally.report_cell
), talk AS (
	SELECT grouping(day, assistant_no, campaign_no) AS level,
		min(cell) AS cell,
		count(ms) AS calls,
		percentile_cont(ARRAY[0.5, 0.9]) WITHIN GROUP (ORDER BY ms) AS ms
	FROM cell
	LEFT JOIN LATERAL unnest(talk) ms ON true
	GROUP BY GROUPING SETS (
		(assistant_no, day, campaign_no),
		(assistant_no, day), (campaign_no, day),
		(assistant_no), (campaign_no))
), total AS (
	SELECT grouping(day, assistant_no, campaign_no) AS level,
		min(cell) AS cell,
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
	FROM cell
	GROUP BY GROUPING SETS (
		(assistant_no, day, campaign_no),
		(assistant_no, day), (campaign_no, day),
		(assistant_no), (campaign_no))
)
SELECT
	CASE total.level
		WHEN 0 THEN 'assistant_campaign_daily'
		WHEN 1 THEN 'assistant_daily'
		WHEN 2 THEN 'campaign_daily'
		WHEN 5 THEN 'assistant_total'
		WHEN 6 THEN 'campaign_total'
	END AS report,
	CASE WHEN total.level < 4 THEN cell.day END AS day,
	cell.provider,
	CASE WHEN total.level IN (0, 1, 5) THEN cell.assistant_id END AS assistant_id,
	CASE WHEN total.level IN (0, 1, 5) THEN assistant.name END AS assistant_name,
	CASE WHEN total.level IN (0, 2, 6) THEN cell.campaign_id END AS campaign_id,
	CASE WHEN total.level IN (0, 2, 6) THEN campaign.name END AS campaign_name,
	total.calls,
	total.queued, total.in_progress, total.ended, total.completed,
	total.transferred, total.voicemail, total.no_answer, total.busy,
	total.failed, total.timeout, total.aborted, total.skipped,
	total.invalid, total.rescheduled, total.other,
	total.attempted,
	total.connected,
	round(total.connected::numeric / nullif(total.attempted, 0), 4) AS connect_rate,
	total.analyzed,
	total.succeeded,
	total.not_succeeded,
	round(total.succeeded::numeric
		/ nullif(total.succeeded + total.not_succeeded, 0), 4) AS success_rate,
	total.sentiment_positive, total.sentiment_neutral,
	total.sentiment_negative, total.sentiment_unknown,
	trim_scale(total.talk_ms * 0.001) AS talk_seconds,
	trim_scale(round(total.talk_ms / (nullif(talk.calls, 0) * 1000.0), 3))
		AS talk_seconds_avg,
	trim_scale(round(round(talk.ms[1]::numeric, 1) * 0.001, 3))
		AS talk_seconds_p50,
	trim_scale(round(round(talk.ms[2]::numeric, 1) * 0.001, 3))
		AS talk_seconds_p90,
	CASE WHEN credits_unit <> '' THEN
		trim_scale(total.credits_used_micro * 0.000001)
	END AS credits_used,
	nullif(credits_unit, '') AS credits_unit,
	CASE WHEN credits_unit <> '' THEN
		round(total.credits_used_micro
			/ (nullif(total.succeeded, 0) * 1000000.0), 4)
	END AS credits_per_success,
	total.reattempts,
	total.reschedules
FROM total
JOIN talk USING (level, cell)
JOIN cell USING (cell)
LEFT JOIN calltally.provider USING (provider)
LEFT JOIN calltally.assistant USING (provider, assistant_id)
LEFT JOIN calltally.campaign USING (provider, campaign_id);
