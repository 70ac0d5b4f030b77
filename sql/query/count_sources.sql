-- The ledger in one row.
SELECT count(*), count(*) FILTER (WHERE finished),
	coalesce(sum(lines), 0)::bigint, coalesce(sum(events), 0)::bigint,
	coalesce(sum(duplicates), 0)::bigint,
	coalesce(sum(rejected), 0)::bigint,
	coalesce(sum(ignored), 0)::bigint
FROM calltally.source
