-- Which session of this database has the advisory lock $1, or else the next
-- one, which is that of a writer's second connection.
SELECT l.pid, coalesce(a.application_name, ''), a.backend_start
FROM pg_locks l
LEFT JOIN pg_stat_activity a ON a.pid = l.pid
WHERE l.locktype = 'advisory'
	AND l.granted
	AND l.objsubid = 1
	AND l.database = (
		SELECT d.oid FROM pg_database d
		WHERE d.datname = current_database()
	)
	AND l.classid = (($1::bigint >> 32) & 4294967295)::oid
	AND l.objid IN (($1::bigint & 4294967295)::oid,
		($1::bigint + 1 & 4294967295)::oid)
ORDER BY l.objid
LIMIT 1
