-- How far the ledger is: its sources and lines, and the run that began last.
SELECT s.*, r.*
FROM (
	SELECT count(*) AS sources,
		count(*) FILTER (WHERE finished) AS finished,
		count(*) FILTER (WHERE NOT finished) AS unfinished,
		coalesce(sum(lines), 0)::bigint AS lines,
		coalesce(sum(events), 0)::bigint AS events,
		coalesce(sum(duplicates), 0)::bigint AS duplicates,
		coalesce(sum(rejected), 0)::bigint AS rejected,
		coalesce(sum(ignored), 0)::bigint AS ignored
	FROM calltally.source
) s
LEFT JOIN (
	SELECT run_id, command, state, started_at, finished_at
	FROM calltally.run
	ORDER BY started_at DESC, run_id DESC
	LIMIT 1
) r ON true
