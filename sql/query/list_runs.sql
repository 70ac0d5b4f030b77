-- The last runs of writing commands, the latest first.
SELECT run_id, command, started_at, finished_at, state, message, files,
	lines, events, duplicates, rejected, ignored, calls
FROM calltally.run
ORDER BY started_at DESC, run_id
LIMIT $1
