-- Which commands have changed the database since an instant, and whether a
-- list of names or overrides was among them.
SELECT coalesce(string_agg(DISTINCT command, ', ' ORDER BY command), '')
		AS commands,
	coalesce(bool_or(command = 'map'), false) AS has_map
FROM calltally.run
WHERE coalesce(finished_at, 'infinity') >= $1
	AND state IN ('done', 'partial', 'running')
