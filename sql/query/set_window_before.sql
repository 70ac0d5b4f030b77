-- From here on reports see another window of the same snapshot: the rollups
-- are those of the view, not of a table that was made for the former window.
SELECT set_config('calltally.from', $1, true),
	set_config('calltally.to', $2, true),
	set_config('search_path', 'calltally, pg_temp', true)
