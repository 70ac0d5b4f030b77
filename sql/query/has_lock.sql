-- Whether this server process has the advisory lock $1 and serves the session
-- that calls itself $2: not so when a pooler has put another in its place.
SELECT current_setting('calltally.session', true) IS NOT DISTINCT FROM $2
	AND EXISTS (
		SELECT FROM pg_locks l
		WHERE l.locktype = 'advisory'
			AND l.granted
			AND l.pid = pg_backend_pid()
			AND l.objsubid = 1
			AND l.classid = (($1::bigint >> 32) & 4294967295)::oid
			AND l.objid = ($1::bigint & 4294967295)::oid
	)
