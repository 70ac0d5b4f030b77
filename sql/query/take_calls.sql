-- Calls that are about to be written anew: where their events lie and how many they are.
DELETE FROM calltally.call
WHERE call_key = ANY ($1::uuid[])
RETURNING call_key, utc_days, run_id, events
