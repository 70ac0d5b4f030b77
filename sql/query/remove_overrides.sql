-- Overrides that are about to be replaced.
DELETE FROM calltally.call_event
WHERE utc_day = -1 AND call_key = ANY ($1::uuid[])
