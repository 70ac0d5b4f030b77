-- The indexes that a large first load makes at its end.
LOCK TABLE calltally.call, calltally.credit_balance IN ACCESS EXCLUSIVE MODE;
DROP INDEX IF EXISTS calltally.call_day_at, calltally.credit_balance_event_time
