-- The server process that answers this.
SELECT pg_backend_pid()
