-- Whether there is a time zone of that name.
SELECT EXISTS (
	SELECT FROM pg_catalog.pg_timezone_names
	WHERE lower(name) = lower($1))
