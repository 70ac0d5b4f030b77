-- Balances lie by weeks, as their events do.
--
-- The key of credit_balance began with a hash, so that a night's balances went
-- all over an index of all years; in a week it goes to the newest end.
--
-- week: that of the event that said it, in call_event. The default is for rows
-- that are put in by hand.
ALTER TABLE calltally.credit_balance DROP CONSTRAINT credit_balance_pkey;
ALTER TABLE calltally.credit_balance ADD COLUMN week smallint NOT NULL DEFAULT 0;
UPDATE calltally.credit_balance b
SET week = e.week
FROM calltally.call_event e
WHERE e.call_key = b.call_key
	AND e.identity = b.identity
	AND e.week <> 0;
ALTER TABLE calltally.credit_balance ADD PRIMARY KEY (week, call_key, identity);

-- A new column has no statistics.
DO $$
BEGIN
	IF EXISTS (SELECT FROM calltally.credit_balance) THEN
		ANALYZE calltally.credit_balance (week);
	END IF;
END
$$;
