-- Whether this session may write what the profiles say of the providers.
SELECT has_table_privilege('calltally.provider', 'INSERT')
	AND has_table_privilege('calltally.provider', 'UPDATE')
	AND NOT pg_is_in_recovery()
	AND NOT current_setting('transaction_read_only')::boolean
