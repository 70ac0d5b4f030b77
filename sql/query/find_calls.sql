-- Which of these calls are there, where their events lie and how many they are.
SELECT call_key, utc_days, run_id, events
FROM calltally.call
WHERE call_key = ANY ($1::uuid[])
