-- Whether any call has an override.
SELECT EXISTS (SELECT FROM calltally.call_event WHERE utc_day = -1)
