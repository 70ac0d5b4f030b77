-- The same for groups of calls, of which a NULL is no key. Where no changed
-- call is in a group (now), those of its day and provider count, then those
-- of its provider: a call may have left it.
WITH asked AS MATERIALIZED (
	SELECT asked.day::date AS day, provider, assistant_id, campaign_id,
		workspace, since, no
	FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[],
		$6::timestamptz[]) WITH ORDINALITY
		AS asked (day, provider, assistant_id, campaign_id, workspace,
			since, no)
), fresh AS MATERIALIZED (
	SELECT DISTINCT c.day_at::date AS day, c.provider,
		coalesce(c.assistant_id, '') AS assistant_id,
		coalesce(c.campaign_id, '') AS campaign_id,
		coalesce(c.workspace, '') AS workspace,
		s.name, s.last_read_at
	FROM calltally.call c
	JOIN calltally.run r ON r.run_id = c.run_id
		AND coalesce(r.finished_at, 'infinity') >=
			(SELECT min(since) FROM asked)
	JOIN calltally.call_event e ON e.call_key = c.call_key
		AND e.month = ANY (c.months || -1::smallint)
	JOIN calltally.source s ON s.source_id = e.source_id
		AND s.last_read_at >= (SELECT min(since) FROM asked)
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
), far AS (
	SELECT asked.no, min(fresh.name) AS name,
		count(DISTINCT fresh.name) AS names
	FROM asked
	JOIN (SELECT DISTINCT provider, name, last_read_at FROM fresh) fresh
		ON fresh.last_read_at >= asked.since
		AND fresh.provider = coalesce(asked.provider, fresh.provider)
	WHERE asked.no NOT IN (SELECT no FROM exact)
		AND asked.no NOT IN (SELECT no FROM near)
	GROUP BY asked.no
)
SELECT coalesce(exact.name, near.name, far.name) AS name,
	coalesce(exact.names, near.names, far.names, 0) AS names
FROM asked
LEFT JOIN exact USING (no)
LEFT JOIN near USING (no)
LEFT JOIN far USING (no)
ORDER BY no
