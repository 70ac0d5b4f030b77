-- Overrides that are about to be replaced.
DELETE FROM calltally.call_event
WHERE week = -1 AND call_key = ANY ($1::uuid[])
