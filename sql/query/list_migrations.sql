-- The schema's steps that were applied.
SELECT number, name, checksum
FROM calltally.migration
ORDER BY number
