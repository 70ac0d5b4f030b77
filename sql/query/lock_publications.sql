-- Waits until no other export publishes; held until the session ends.
-- $1: the lock's key.
SELECT pg_advisory_lock($1::bigint)
