-- A walk over a provider's list that is at its end, or of no use.
DELETE FROM calltally.pull_cursor
WHERE provider = $1
