-- Whether this session may read what was published, and add to it.
SELECT has_table_privilege('calltally.publication', 'SELECT')
		AND has_table_privilege('calltally.published_series', 'SELECT')
		AND has_table_privilege('calltally.published_report', 'SELECT')
		AND has_table_privilege('calltally.published', 'SELECT')
		AND has_table_privilege('calltally.published_line', 'SELECT') AS may_read,
	-- Of a list of privileges one would do.
	has_table_privilege('calltally.publication', 'INSERT')
		AND has_table_privilege('calltally.publication', 'UPDATE')
		AND has_table_privilege('calltally.publication', 'DELETE')
		AND has_table_privilege('calltally.published_series', 'INSERT')
		AND has_table_privilege('calltally.published_series', 'UPDATE')	-- LOCK TABLE asks for it
		AND has_table_privilege('calltally.published_report', 'INSERT')
		AND has_table_privilege('calltally.published_report', 'DELETE')
		AND has_table_privilege('calltally.published', 'INSERT')
		AND has_table_privilege('calltally.published', 'DELETE')
		AND has_table_privilege('calltally.published_line', 'INSERT')
		AND has_table_privilege('calltally.published_line', 'DELETE')
		AND NOT pg_is_in_recovery()
		AND NOT current_setting('transaction_read_only')::boolean AS may_write
