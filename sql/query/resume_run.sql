-- A run goes on after its server was away; what it has committed by then.
UPDATE calltally.run
SET state = 'running', message = NULL, finished_at = NULL
WHERE run_id = $1
RETURNING lines, events, duplicates, rejected, ignored, calls
