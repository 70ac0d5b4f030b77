-- Removes one finding, which a profile knows by now.
DELETE FROM calltally.drift
WHERE provider = $1 AND shape = $2 AND kind = $3 AND name = $4
