-- As in step 0001 of the schema.
CREATE INDEX IF NOT EXISTS call_day_at ON calltally.call (day_at)
