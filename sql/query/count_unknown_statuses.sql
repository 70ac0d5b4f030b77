-- Statuses that no profile knows, by how many calls stand on them.
SELECT provider, status, count(*)
FROM calltally.call
WHERE outcome = 'other' AND status IS NOT NULL
GROUP BY provider, status
ORDER BY count(*) DESC, provider, status
LIMIT $1
