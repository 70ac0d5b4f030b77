-- What became of a source's lines, told anew.
UPDATE calltally.source
SET events = $2, duplicates = $3, rejected = $4, ignored = $5, last_run = $6
WHERE source_id = $1
