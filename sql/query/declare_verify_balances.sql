-- All balances, call by call.
DECLARE verify_balance NO SCROLL CURSOR FOR
SELECT call_key, utc_day, identity, event_time, available_micro
FROM calltally.credit_balance
ORDER BY call_key, identity, utc_day
