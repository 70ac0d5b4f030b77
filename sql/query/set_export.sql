-- The window of this transaction, and how the reports run: their names are
-- those of the schema, or of a temporary table that stands for a view; a sort
-- of some 200,000 calls stays in memory.
SELECT set_config('calltally.from', $1, true),
	set_config('calltally.to', $2, true),
	set_config('search_path', 'pg_temp, calltally', true),
	set_config('work_mem', '128MB', true),
	set_config('temp_buffers', '32MB', true)
