-- The same for groups of calls, of which a NULL is no key. Where no changed
-- call is in a group (now), those of its day and provider count, then those
-- of its provider: a call may have left it. Only these last ones are looked
-- for in other days; OFFSET 0 and LATERAL keep the rest from being read as
-- well, whatever the planner makes of a handful of days.
WITH asked AS MATERIALIZED (
	SELECT asked.day::date AS day, provider, assistant_id, campaign_id,
		workspace, since, no
	FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[],
		$6::timestamptz[]) WITH ORDINALITY
		AS asked (day, provider, assistant_id, campaign_id, workspace,
			since, no)
), run AS MATERIALIZED (
	SELECT run_id
	FROM calltally.run
	WHERE coalesce(finished_at, 'infinity') >= (SELECT min(since) FROM asked)
), changed AS MATERIALIZED (
	SELECT d.day, c.*
	FROM (SELECT DISTINCT day FROM asked) d
	CROSS JOIN LATERAL (
		SELECT call_key, utc_days, provider,
			coalesce(assistant_id, '') AS assistant_id,
			coalesce(campaign_id, '') AS campaign_id,
			coalesce(workspace, '') AS workspace
		FROM calltally.call
		WHERE day_at >= (d.day - 1)::timestamptz
			AND day_at < (d.day + 2)::timestamptz
			AND day_at::date = d.day
			AND run_id IN (SELECT run_id FROM run)
		OFFSET 0
	) c
), fresh AS MATERIALIZED (
	SELECT DISTINCT c.day, c.provider, c.assistant_id, c.campaign_id,
		c.workspace, s.name, s.last_read_at
	FROM changed c
	CROSS JOIN LATERAL (
		SELECT s.name, s.last_read_at
		FROM calltally.call_event e
		JOIN calltally.source s USING (source_id)
		WHERE e.call_key = c.call_key
			AND e.utc_day = ANY (c.utc_days || -1::smallint)
			AND s.last_read_at >= (SELECT min(since) FROM asked)
		OFFSET 0
	) s
), exact AS MATERIALIZED (
	SELECT asked.no, min(fresh.name) AS name,
		count(DISTINCT fresh.name) AS names
	FROM asked
	JOIN fresh ON fresh.day = asked.day
		AND fresh.last_read_at >= asked.since
		AND fresh.provider = coalesce(asked.provider, fresh.provider)
		AND fresh.assistant_id = coalesce(asked.assistant_id, fresh.assistant_id)
		AND fresh.campaign_id = coalesce(asked.campaign_id, fresh.campaign_id)
		AND fresh.workspace = coalesce(asked.workspace, fresh.workspace)
	GROUP BY asked.no
), near AS MATERIALIZED (
	SELECT asked.no, min(fresh.name) AS name,
		count(DISTINCT fresh.name) AS names
	FROM asked
	JOIN (SELECT DISTINCT day, provider, name, last_read_at FROM fresh) fresh
		ON fresh.day = asked.day
		AND fresh.last_read_at >= asked.since
		AND fresh.provider = coalesce(asked.provider, fresh.provider)
	WHERE asked.no NOT IN (SELECT no FROM exact)
	GROUP BY asked.no
), left_over AS MATERIALIZED (
	SELECT no, provider, since
	FROM asked
	WHERE no NOT IN (SELECT no FROM exact) AND no NOT IN (SELECT no FROM near)
), elsewhere AS MATERIALIZED (
	SELECT DISTINCT c.provider, s.name, s.last_read_at
	FROM calltally.call c
	JOIN calltally.call_event e ON e.call_key = c.call_key
		AND e.utc_day = ANY (c.utc_days || -1::smallint)
	JOIN calltally.source s USING (source_id)
	WHERE EXISTS (SELECT FROM left_over)
		AND c.run_id IN (SELECT run_id FROM run)
		AND s.last_read_at >= (SELECT min(since) FROM left_over)
), far AS (
	SELECT left_over.no, min(e.name) AS name, count(DISTINCT e.name) AS names
	FROM left_over
	JOIN elsewhere e ON e.last_read_at >= left_over.since
		AND e.provider = coalesce(left_over.provider, e.provider)
	GROUP BY left_over.no
)
SELECT coalesce(exact.name, near.name, far.name) AS name,
	coalesce(exact.names, near.names, far.names, 0) AS names
FROM asked
LEFT JOIN exact USING (no)
LEFT JOIN near USING (no)
LEFT JOIN far USING (no)
ORDER BY no
