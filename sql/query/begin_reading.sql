-- One moment for all that is read; sorting all events may take some room. The
-- tables come first: one that was written anew between the moment and the
-- reading would look empty.
BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY;
LOCK TABLE calltally.call, calltally.call_event, calltally.credit_balance
	IN ACCESS SHARE MODE;
SET LOCAL work_mem = '64MB';
SET LOCAL cursor_tuple_fraction = 1
