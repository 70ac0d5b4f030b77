-- The window of this transaction, and how the reports run: their names are
-- those of the schema, or of a temporary table that stands for a view; sorts
-- and hashes of some 100,000 calls stay in memory, more take no more of it.
SELECT set_config('calltally.from', $1, true),
	set_config('calltally.to', $2, true),
	set_config('search_path', 'pg_temp, calltally', true),
	set_config('work_mem', '32MB', true),
	set_config('temp_buffers', '32MB', true)
