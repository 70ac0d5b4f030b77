-- What no profile knows, the latest news first, each with its first place.
SELECT d.provider, d.shape, d.kind, d.name, d.lines, s.name AS file, d.line,
	d.event_time, d.seen_at
FROM calltally.drift d
LEFT JOIN calltally.source s USING (source_id)
ORDER BY d.kind, d.seen_at DESC, d.provider, d.shape, d.name
