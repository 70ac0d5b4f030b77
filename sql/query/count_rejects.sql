-- Kept rejects by reason, each with the first place.
SELECT r.reason, r.n, s.name, f.line
FROM (
	SELECT reason, count(*) AS n
	FROM calltally.reject
	GROUP BY reason
) r
CROSS JOIN LATERAL (
	SELECT source_id, line
	FROM calltally.reject
	WHERE reason = r.reason
	ORDER BY source_id, line
	LIMIT 1
) f
LEFT JOIN calltally.source s USING (source_id)
ORDER BY r.n DESC, r.reason
