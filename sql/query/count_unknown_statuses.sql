-- Statuses that no profile knows, by how many calls stand on them, with the
-- place where each was seen first.
SELECT c.provider, c.status, c.calls, s.name, d.line, d.event_time, d.seen_at
FROM (
	SELECT provider, status, count(*) AS calls
	FROM calltally.call
	WHERE outcome = 'other' AND status IS NOT NULL
	GROUP BY provider, status
	ORDER BY count(*) DESC, provider, status
	LIMIT $1
) c
LEFT JOIN LATERAL (
	SELECT source_id, line, event_time, seen_at
	FROM calltally.drift
	WHERE provider = c.provider AND kind = 'status' AND name = c.status
	ORDER BY seen_at, shape
	LIMIT 1
) d ON true
LEFT JOIN calltally.source s USING (source_id)
ORDER BY c.calls DESC, c.provider, c.status
