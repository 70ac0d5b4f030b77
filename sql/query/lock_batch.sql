-- All tables that a batch may write to, at its begin. Two batches are under way
-- at a time, of which the second waits for the first one's commit without the
-- server's knowledge: were the first to ask for a table later on, it would stand
-- behind whoever asks to have it for himself, and he behind the second. So does
-- what refold reads beside its batches.
LOCK TABLE calltally.call, calltally.call_event, calltally.credit_balance,
	calltally.transcript, calltally.reject, calltally.source, calltally.run,
	calltally.drift, calltally.passage IN ROW EXCLUSIVE MODE
