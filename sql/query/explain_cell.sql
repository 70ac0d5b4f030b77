-- Which calls stand behind a row of a report, and what each of its columns
-- is made of. Membership is told by report_call alone, one row a call and
-- measure; formula says which measures a column is made of.
--
-- $1 ... $11 are the row's keys: day, provider, assistant_id, campaign_id,
-- workspace, weekday, hour, reattempts, insight, value, call_id; NULL for
-- those that the report does not have, empty for an empty cell. $12 is the
-- column, NULL for all of them, one that is made of nothing stands for calls; $13 how many calls to list.
--
-- First come the columns (place, name, numerator, denominator, how many calls
-- each has and what they sum to, the value), then calls (place NULL, what
-- each gives to the numerator and the denominator).
WITH formula (place, name, numerator, denominator, how) AS (
	VALUES (1, 'calls', 'calls', NULL, 'sum'),
	(2, 'queued', 'queued', NULL, 'sum'),
	(3, 'in_progress', 'in_progress', NULL, 'sum'),
	(4, 'ended', 'ended', NULL, 'sum'),
	(5, 'completed', 'completed', NULL, 'sum'),
	(6, 'transferred', 'transferred', NULL, 'sum'),
	(7, 'voicemail', 'voicemail', NULL, 'sum'),
	(8, 'no_answer', 'no_answer', NULL, 'sum'),
	(9, 'busy', 'busy', NULL, 'sum'),
	(10, 'failed', 'failed', NULL, 'sum'),
	(11, 'timeout', 'timeout', NULL, 'sum'),
	(12, 'aborted', 'aborted', NULL, 'sum'),
	(13, 'skipped', 'skipped', NULL, 'sum'),
	(14, 'invalid', 'invalid', NULL, 'sum'),
	(15, 'rescheduled', 'rescheduled', NULL, 'sum'),
	(16, 'other', 'other', NULL, 'sum'),
	(17, 'attempted', 'attempted', NULL, 'sum'),
	(18, 'connected', 'connected', NULL, 'sum'),
	(19, 'connect_rate', 'connected', 'attempted', 'rate'),
	(20, 'analyzed', 'analyzed', NULL, 'sum'),
	(21, 'succeeded', 'succeeded', NULL, 'sum'),
	(22, 'not_succeeded', 'not_succeeded', NULL, 'sum'),
	(23, 'success_rate', 'succeeded', 'judged', 'rate'),
	(24, 'sentiment_positive', 'sentiment_positive', NULL, 'sum'),
	(25, 'sentiment_neutral', 'sentiment_neutral', NULL, 'sum'),
	(26, 'sentiment_negative', 'sentiment_negative', NULL, 'sum'),
	(27, 'sentiment_unknown', 'sentiment_unknown', NULL, 'sum'),
	(28, 'talk_seconds', 'talk_seconds', NULL, 'sum'),
	(29, 'talk_seconds_avg', 'talk_seconds', 'talked', 'mean'),
	(30, 'talk_seconds_p50', 'talk_seconds', 'talked', 'p50'),
	(31, 'talk_seconds_p90', 'talk_seconds', 'talked', 'p90'),
	(32, 'credits_used', 'credits_used', NULL, 'sum'),
	(33, 'credits_per_success', 'credits_used', 'succeeded', 'rate'),
	(34, 'reattempts', 'reattempts', NULL, 'sum'),
	(35, 'reschedules', 'reschedules', NULL, 'sum')
), wanted AS (
	SELECT numerator AS measure FROM formula
	WHERE $12::text IS NULL OR name = $12
	UNION
	SELECT denominator FROM formula
	WHERE $12::text IS NULL OR name = $12
), chosen AS MATERIALIZED (
	SELECT r.*, c.call_id, p.credits_unit
	FROM calltally.report_call r
	JOIN calltally.call c USING (call_key)
	LEFT JOIN calltally.provider p ON p.provider = r.provider
	WHERE ($1::text IS NULL OR coalesce(r.day::text, '') = $1)
		AND ($2::text IS NULL OR r.provider = $2)
		AND ($3::text IS NULL OR r.assistant_id = $3)
		AND ($4::text IS NULL OR r.campaign_id = $4)
		AND ($5::text IS NULL OR r.workspace = $5)
		AND ($6::text IS NULL
			OR coalesce(date_part('isodow', r.day)::text, '') = $6)
		AND ($7::text IS NULL
			OR coalesce(date_part('hour', r.day_at)::text, '') = $7)
		AND ($8::text IS NULL OR coalesce(r.reattempts::text, '') = $8)
		AND ($9::text IS NULL OR EXISTS (
			SELECT FROM json_each_text(c.insights) i
			WHERE i.key = $9 AND coalesce(i.value, '') = $10))
		AND ($11::text IS NULL OR c.call_id = $11)
), member AS MATERIALIZED (
	SELECT c.call_key, m.measure COLLATE "C" AS measure, m.value
	FROM chosen c
	CROSS JOIN LATERAL (
		VALUES ('calls', 1::numeric),
		(c.bucket, 1),
		(CASE WHEN c.attempted THEN 'attempted' END, 1),
		(CASE WHEN c.connected THEN 'connected' END, 1),
		(CASE WHEN c.analyzed THEN 'analyzed' END, 1),
		(CASE WHEN c.success THEN 'succeeded' END, 1),
		(CASE WHEN NOT c.success THEN 'not_succeeded' END, 1),
		(CASE WHEN c.success IS NOT NULL THEN 'judged' END, 1),
		(CASE
			WHEN c.sentiment IN ('positive', 'neutral', 'negative')
				THEN 'sentiment_' || c.sentiment
			WHEN c.sentiment IS NOT NULL THEN 'sentiment_unknown'
		END, 1),
		('talk_seconds', c.duration_ms * 0.001),
		(CASE WHEN c.duration_ms > 0 THEN 'talked' END, 1),
		(CASE WHEN c.credits_unit <> '' THEN 'credits_used' END,
			c.credits_used_micro * 0.000001),
		('reattempts', c.reattempts),
		('reschedules', c.reschedules)
	) m (measure, value)
	WHERE m.value IS NOT NULL
		AND (m.measure = 'calls' OR m.measure IN (SELECT measure FROM wanted))
), total AS (
	SELECT measure, count(*) AS n, trim_scale(sum(value)) AS sum
	FROM member
	GROUP BY measure
), talk AS (
	SELECT percentile_cont(ARRAY[0.5, 0.9])
		WITHIN GROUP (ORDER BY duration_ms) AS ms
	FROM chosen
	WHERE duration_ms > 0
), listed AS (
	SELECT c.call_key, c.provider, c.call_id, n.value AS numerator,
		d.value AS denominator
	FROM formula f
	JOIN chosen c ON f.name = coalesce(
		(SELECT name FROM formula WHERE name = $12), 'calls')
	LEFT JOIN member n
		ON n.call_key = c.call_key AND n.measure = f.numerator
	LEFT JOIN member d
		ON d.call_key = c.call_key AND d.measure = f.denominator
	WHERE n.value IS NOT NULL OR d.value IS NOT NULL
	ORDER BY c.day NULLS FIRST, c.provider, c.call_id
	LIMIT $13::bigint
)
SELECT f.place, f.name, f.numerator, f.denominator,
	coalesce(n.n, 0), coalesce(d.n, 0),
	coalesce(n.sum, 0)::text, coalesce(d.sum, 0)::text,
	CASE f.how
		WHEN 'sum' THEN coalesce(n.sum, 0)
		WHEN 'rate' THEN round(coalesce(n.sum, 0) / nullif(d.sum, 0), 4)
		WHEN 'mean' THEN trim_scale(round(n.sum / nullif(d.sum, 0), 3))
		WHEN 'p50' THEN trim_scale(round(round(ms[1]::numeric, 1) * 0.001, 3))
		WHEN 'p90' THEN trim_scale(round(round(ms[2]::numeric, 1) * 0.001, 3))
	END::text,
	NULL COLLATE "C" AS provider, NULL COLLATE "C" AS call_id
FROM formula f
LEFT JOIN total n ON n.measure = f.numerator
LEFT JOIN total d ON d.measure = f.denominator
CROSS JOIN talk
WHERE $12::text IS NULL OR f.name = $12 OR f.name = 'calls'
UNION ALL
SELECT NULL, NULL, NULL, NULL, NULL, NULL,
	trim_scale(numerator)::text, trim_scale(denominator)::text, NULL,
	provider, call_id
FROM listed
ORDER BY 1, 10, 11
