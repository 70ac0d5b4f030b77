-- Which of these calls have an override, there or not.
SELECT call_key, identity
FROM calltally.call_event
WHERE utc_day = -1 AND call_key = ANY ($1::uuid[])
