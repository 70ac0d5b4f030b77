-- The indexes that a large first load makes at its end: whether they are there,
-- whether this session may make them, and whether none was moved or changed by an
-- administrator.
SELECT bool_and(i.oid IS NOT NULL),
	bool_and(pg_has_role(t.relowner, 'USAGE'))
		AND has_schema_privilege('calltally', 'CREATE'),
	bool_and(i.oid IS NULL OR (i.reltablespace = 0 AND i.reloptions IS NULL))
FROM (VALUES
	('calltally.call', 'calltally.call_day_at'),
	('calltally.credit_balance', 'calltally.credit_balance_event_time')
) AS l (of_table, index)
JOIN pg_class t ON t.oid = to_regclass(l.of_table)
LEFT JOIN pg_class i ON i.oid = to_regclass(l.index)
