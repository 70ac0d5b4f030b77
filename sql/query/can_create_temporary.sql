-- Whether this transaction may make a temporary table.
SELECT has_database_privilege(current_database(), 'TEMPORARY')
	AND NOT pg_is_in_recovery()
	AND NOT current_setting('transaction_read_only')::boolean
