-- Whether the record of the schema's steps is there.
SELECT to_regclass('calltally.migration') IS NOT NULL
