-- Which of these calls are there, and where their events lie.
SELECT call_key, months, run_id
FROM calltally.call
WHERE call_key = ANY ($1::uuid[])
