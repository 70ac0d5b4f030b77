-- As in step 0001 of the schema.
CREATE INDEX IF NOT EXISTS credit_balance_event_time
	ON calltally.credit_balance (event_time)
