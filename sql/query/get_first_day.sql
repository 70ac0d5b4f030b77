-- The first day of the window that has calls; NULL when none has.
SELECT min(day)::text AS first
FROM report_call
