-- Waits until no other session migrates; held to the end of the transaction.
-- $1: the lock's key.
SELECT pg_advisory_xact_lock($1::bigint)
