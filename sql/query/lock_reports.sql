-- All that the reports read, with its indexes, at the begin of each of an
-- export's connections. One of them holds what it has read until the other one
-- is done, without the server's knowledge: were the other to ask for a table
-- later on, it would stand behind whoever asks to have it for himself, and he
-- behind the first. Before the snapshot: a table that was written anew
-- meanwhile would look empty.
LOCK TABLE calltally.report_call, calltally.window_balance, calltally.call,
	calltally.credit_balance, calltally.provider, calltally.assistant,
	calltally.campaign IN ACCESS SHARE MODE;
EXPLAIN SELECT FROM calltally.report_call
UNION ALL SELECT FROM calltally.window_balance
UNION ALL SELECT FROM calltally.provider
UNION ALL SELECT FROM calltally.assistant
UNION ALL SELECT FROM calltally.campaign
