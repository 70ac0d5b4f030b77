-- Gives the lock of the one writer back. $1: its key.
SELECT pg_advisory_unlock($1::bigint)
