-- What a run has counted so far.
UPDATE calltally.run
SET files = $2, files_unchanged = $3, lines = $4, events = $5,
	duplicates = $6, rejected = $7, ignored = $8, calls = $9,
	warnings = $10::json
WHERE run_id = $1
