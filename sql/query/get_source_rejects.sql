-- Which of these lines of a source are rejects, and why.
SELECT line, reason, message
FROM calltally.reject
WHERE source_id = $1 AND line BETWEEN $2 AND $3
ORDER BY line
