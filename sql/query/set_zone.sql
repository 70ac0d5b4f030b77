-- The time zone of this transaction; gives its name as it is properly written.
SELECT set_config('TimeZone', $1, true)
