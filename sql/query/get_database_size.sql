-- The bytes of the database on the server's disk.
SELECT pg_catalog.pg_database_size(pg_catalog.current_database())
