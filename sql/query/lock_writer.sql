-- Takes the lock of the one writer if it is free. $1: its key.
SELECT pg_try_advisory_lock($1::bigint)
