-- A run goes on after its server was away; what it has committed by then, and
-- whether its end was among that.
UPDATE calltally.run r
SET state = 'running', message = NULL, finished_at = NULL
FROM calltally.run was
WHERE r.run_id = $1 AND was.run_id = r.run_id
RETURNING r.lines, r.events, r.duplicates, r.rejected, r.ignored, r.calls,
	was.state = 'done'
