-- Kept rejects by reason, each with the first and the last place in the order
-- in which files were read.
WITH kept AS (
	SELECT k.reason, k.n, k.first_line, k.last_line, s.name,
		s.first_read_at
	FROM (
		SELECT reason, source_id, count(*) AS n,
			min(line) AS first_line, max(line) AS last_line
		FROM calltally.reject
		GROUP BY reason, source_id
	) k
	LEFT JOIN calltally.source s USING (source_id)
)
SELECT reason, sum(n)::bigint,
	(array_agg(name ORDER BY first_read_at, name))[1],
	(array_agg(first_line ORDER BY first_read_at, name))[1],
	(array_agg(name ORDER BY first_read_at DESC, name DESC))[1],
	(array_agg(last_line ORDER BY first_read_at DESC, name DESC))[1]
FROM kept
GROUP BY reason
ORDER BY sum(n) DESC, reason
