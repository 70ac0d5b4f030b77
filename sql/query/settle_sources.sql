-- What became of lines that were rejects; the books of their sources.
UPDATE calltally.source s
SET rejected = s.rejected - k.n,
	events = s.events + k.events,
	duplicates = s.duplicates + k.duplicates,
	ignored = s.ignored + k.n - k.events - k.duplicates
FROM (
	SELECT source_id, count(*) AS n,
		count(*) FILTER (WHERE verdict = 0) AS events,
		count(*) FILTER (WHERE verdict = 1) AS duplicates
	FROM unnest($1::bigint[], $2::smallint[]) AS v (source_id, verdict)
	GROUP BY source_id
) AS k
WHERE s.source_id = k.source_id
