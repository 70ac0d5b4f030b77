-- Rejects that are understood now.
DELETE FROM calltally.reject r
USING unnest($1::bigint[], $2::bigint[]) AS k (source_id, line)
WHERE r.source_id = k.source_id AND r.line = k.line
