-- This transaction need not outlive a crash of the server: what it notes can
-- be found out again.
SET LOCAL synchronous_commit TO off
