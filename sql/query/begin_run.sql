-- A run begins.
INSERT INTO calltally.run (run_id, command, started_at)
VALUES ($1, $2, $3)
