-- Events lie by days, not by weeks, and so do balances.
--
-- A night's events went all over the index of their week, and its balances, the
-- key of which began with a hash, over an index of all years; in days both go to
-- the newest end. Rows of all three tables are written anew, as in step 0013.
--
-- utc_day: which day, from 2000-01-01 (1) on, the first time is in that the body
-- of the event itself states; 32767 is 2089-09-16 and all behind it; 0 none
-- stated; -1 overrides.
ALTER TABLE calltally.call_event DROP CONSTRAINT call_event_pkey;
ALTER TABLE calltally.call_event RENAME COLUMN week TO utc_day;
ALTER TABLE calltally.call_event ALTER COLUMN utc_day TYPE smallint USING CASE
	WHEN utc_day <= 0 THEN utc_day
	ELSE least(32767, 1 + floor(extract(epoch FROM coalesce(
		CASE WHEN time_stated THEN event_time END, started_at, ended_at)
		- '2000-01-01T00:00:00Z'::timestamptz) / 86400))
END;
ALTER TABLE calltally.call_event ADD PRIMARY KEY (utc_day, call_key, identity);

-- Where a call's events lie, ascending, without -1.
ALTER TABLE calltally.call RENAME COLUMN weeks TO utc_days;
ALTER VIEW calltally.window_call RENAME COLUMN weeks TO utc_days;
UPDATE calltally.call c
SET utc_days = e.utc_days
FROM (
	SELECT call_key, array_agg(DISTINCT utc_day ORDER BY utc_day) AS utc_days
	FROM calltally.call_event
	WHERE utc_day >= 0
	GROUP BY call_key
) e
WHERE e.call_key = c.call_key;

-- That of the event that stated the balance. The default is for rows that are
-- put in by hand.
ALTER TABLE calltally.credit_balance DROP CONSTRAINT credit_balance_pkey;
ALTER TABLE calltally.credit_balance ADD COLUMN utc_day smallint NOT NULL DEFAULT 0;
UPDATE calltally.credit_balance b
SET utc_day = e.utc_day
FROM calltally.call_event e
WHERE e.call_key = b.call_key
	AND e.identity = b.identity
	AND e.utc_day <> 0;
ALTER TABLE calltally.credit_balance ADD PRIMARY KEY (utc_day, call_key, identity);

-- A column that was written anew has no statistics.
DO $$
BEGIN
	IF EXISTS (SELECT FROM calltally.call_event) THEN
		ANALYZE calltally.call_event (utc_day);
		ANALYZE calltally.credit_balance (utc_day);
	END IF;
END
$$;
