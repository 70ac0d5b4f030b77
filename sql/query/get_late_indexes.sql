-- The indexes that a large first load makes at its end: whether they are there,
-- whether this session may make them, and whether each that is there is as the
-- schema made it.
SELECT bool_and(i.oid IS NOT NULL),
	bool_and(pg_has_role(t.relowner, 'USAGE'))
		AND has_schema_privilege('calltally', 'CREATE'),
	bool_and(i.oid IS NULL OR coalesce(i.reltablespace = 0
		AND i.reloptions IS NULL AND NOT x.indisclustered
		AND pg_get_indexdef(i.oid) = l.definition, false))
FROM (VALUES
	('calltally.call', 'calltally.call_day_at',
	'CREATE INDEX call_day_at ON calltally.call USING btree (day_at)'),
	('calltally.credit_balance', 'calltally.credit_balance_event_time',
	'CREATE INDEX credit_balance_event_time ON calltally.credit_balance USING btree (event_time)')
) AS l (of_table, index, definition)
JOIN pg_class t ON t.oid = to_regclass(l.of_table)
LEFT JOIN pg_class i ON i.oid = to_regclass(l.index)
LEFT JOIN pg_index x ON x.indexrelid = i.oid
