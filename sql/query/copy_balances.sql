-- What events said of a workspace's credits.
COPY calltally.credit_balance (
	utc_day, call_key, identity, event_time, available_micro
) FROM STDIN (FORMAT binary)
