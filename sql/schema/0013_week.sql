-- Events lie by weeks, not by months.
--
-- The key of call_event began with a month, so that new events go to the newest
-- end of the index. Where calls are dense a month of that index is larger than
-- what a server has in memory, and was read and written all over; a week is
-- a quarter of it. Rows are written anew, both tables of them: this needs room
-- for them once more, and some minutes for millions of calls.
--
-- week: which seven days, from 2000-01-01 (1) on, the first time is in that the
-- body of the event itself states; 0 none stated; -1 overrides.
ALTER TABLE calltally.call_event DROP CONSTRAINT call_event_pkey;
ALTER TABLE calltally.call_event RENAME COLUMN month TO week;
ALTER TABLE calltally.call_event ALTER COLUMN week TYPE smallint USING CASE
	WHEN week <= 0 THEN week
	ELSE 1 + floor(extract(epoch FROM coalesce(
		CASE WHEN time_stated THEN event_time END, started_at, ended_at)
		- '2000-01-01T00:00:00Z'::timestamptz) / 604800)
END;
ALTER TABLE calltally.call_event ADD PRIMARY KEY (week, call_key, identity);

-- Where a call's events lie, ascending, without -1.
ALTER TABLE calltally.call RENAME COLUMN months TO weeks;
ALTER VIEW calltally.window_call RENAME COLUMN months TO weeks;
UPDATE calltally.call c
SET weeks = e.weeks
FROM (
	SELECT call_key, array_agg(DISTINCT week ORDER BY week) AS weeks
	FROM calltally.call_event
	WHERE week >= 0
	GROUP BY call_key
) e
WHERE e.call_key = c.call_key;

-- A column that was written anew has no statistics.
DO $$
BEGIN
	IF EXISTS (SELECT FROM calltally.call_event) THEN
		ANALYZE calltally.call_event (week);
	END IF;
END
$$;
