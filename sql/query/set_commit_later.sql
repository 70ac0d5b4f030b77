-- This transaction need not outlive a crash of the server: what it notes can
-- be found out again, or a later commit of this session makes it durable.
SET LOCAL synchronous_commit TO off
