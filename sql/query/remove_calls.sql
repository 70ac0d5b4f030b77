-- Calls that are about to be written anew from all their events.
DELETE FROM calltally.call
WHERE call_key = ANY ($1::uuid[])
