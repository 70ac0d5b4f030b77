-- A digest of each published file: of its lines in their order, its header and
-- how it looked, so that --as-of knows a record that was damaged since. NULL:
-- published before this step.
ALTER TABLE calltally.published_report ADD COLUMN digest uuid;
