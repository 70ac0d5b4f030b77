-- How many files of other names events came from.
SELECT count(*)
FROM calltally.source
WHERE events > 0 AND done_bytes > 0 AND name <> ALL ($1::text[])
