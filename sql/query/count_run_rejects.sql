-- Kept rejects of the run $1, by reason.
SELECT reason, count(*)
FROM calltally.reject
WHERE run_id = $1
GROUP BY reason
