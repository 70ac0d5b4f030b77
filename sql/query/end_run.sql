-- How a run ended.
UPDATE calltally.run
SET state = $2, message = $3, finished_at = $4
WHERE run_id = $1
