-- An export whose files are about to get their names.
INSERT INTO calltally.publication (publication, id, at, zone, window_from,
	window_to, plain, changed_only, folder, run_id, sources, lines, events,
	phones)
VALUES ($1, $2, $3, $4, coalesce(nullif($5, ''), '-infinity')::date,
	coalesce(nullif($6, ''), 'infinity')::date, $7, $8, $9, $10::uuid,
	$11, $12, $13, $14)
