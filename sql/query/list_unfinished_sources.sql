-- Sources whose end was not reached, the latest first.
SELECT name, lines, damage, last_read_at
FROM calltally.source
WHERE NOT finished
ORDER BY last_read_at DESC, name
LIMIT $1
