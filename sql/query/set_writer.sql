-- The writer looks keys up by the thousand: always by index, whatever the
-- statistics of a table that grows while it is read may say.
SET enable_seqscan = off;
SET enable_hashjoin = off;
SET enable_mergejoin = off;
SET jit = off
