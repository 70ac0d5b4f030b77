-- Days on which a provider's numbers look as if they were in another unit
-- than its profile says. What is typical of a day is the geometric mean over
-- its calls (of at least 5) that state more than zero; so a unit that changed
-- shows as its factor, however the calls vary. Three rules:
--
--	duration against times		30 times what lies between started_at and
--					ended_at, or a 30th
--	duration against the day before	50 times, or a 50th
--	credits against the day before	50 times, or a 50th
--
-- The day before is the last one with enough calls. Values are seconds and
-- credits, in millionths. Suspicions change no number.
WITH day AS MATERIALIZED (
	SELECT provider, day_at::date AS day,
		count(*) FILTER (WHERE duration_ms > 0) AS durations,
		exp(avg(ln(nullif(duration_ms, 0)::float8))) AS duration,
		count(*) FILTER (WHERE duration_ms > 0 AND ended_at > started_at)
			AS spans,
		exp(avg(ln(nullif(duration_ms, 0)::float8))
			FILTER (WHERE ended_at > started_at)) AS told,
		exp(avg(ln((extract(epoch FROM ended_at - started_at) * 1000)::float8))
			FILTER (WHERE ended_at > started_at AND duration_ms > 0)) AS span,
		count(*) FILTER (WHERE credits_used_micro > 0) AS credited,
		exp(avg(ln(nullif(credits_used_micro, 0)::float8))) AS credits
	FROM calltally.call
	WHERE day_at IS NOT NULL
	GROUP BY provider, day_at::date
), compared AS (
	SELECT provider, day, 'duration against times' AS rule, spans AS calls,
		told * 1000 AS typical, span * 1000 AS expected, 30 AS most
	FROM day
	WHERE spans >= 5
	UNION ALL
	SELECT provider, day, 'duration against the day before', durations,
		duration * 1000,
		lag(duration * 1000) OVER (PARTITION BY provider ORDER BY day), 50
	FROM day
	WHERE durations >= 5
	UNION ALL
	SELECT provider, day, 'credits against the day before', credited,
		credits, lag(credits) OVER (PARTITION BY provider ORDER BY day), 50
	FROM day
	WHERE credited >= 5
), suspect AS (
	SELECT provider, day, rule, calls, typical, expected,
		typical / expected AS factor
	FROM compared
	WHERE typical > most * expected OR expected > most * typical
	ORDER BY day DESC, provider, rule
	LIMIT $1
)
SELECT d.provider, to_char(d.day, 'YYYY-MM-DD'), d.rule, d.calls,
	least(d.typical, 1e18)::bigint, least(d.expected, 1e18)::bigint,
	least(d.factor * 1e6, 1e18)::bigint, e.name, e.line
FROM suspect d
LEFT JOIN LATERAL (
	SELECT s.name, e.line
	FROM (
		SELECT call_key, utc_days
		FROM calltally.call
		WHERE provider = d.provider AND day_at >= d.day
			AND day_at < d.day + 1
			AND CASE WHEN d.rule LIKE 'credits %' THEN credits_used_micro
				ELSE duration_ms END > 0
		ORDER BY day_at, call_id
		LIMIT 1
	) c
	JOIN calltally.call_event e ON e.call_key = c.call_key
		AND e.utc_day = ANY (c.utc_days)
		AND CASE WHEN d.rule LIKE 'credits %' THEN e.credits_used_micro
			ELSE e.duration_ms END > 0
	LEFT JOIN calltally.source s USING (source_id)
	ORDER BY s.name, e.line
	LIMIT 1
) e ON true
ORDER BY d.day DESC, d.provider, d.rule
