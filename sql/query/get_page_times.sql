-- The export's moment ($1) as its zone tells it, the day that it is there,
-- and the window of the same length before this one; NULL when it is open.
SELECT to_char($1::timestamptz, 'YYYY-MM-DD HH24:MI:SS') AS at,
	to_char($1::timestamptz, 'YYYY-MM-DD') AS today,
	(first - (last - first + 1))::text AS before_from,
	(first - 1)::text AS before_to
FROM (
	SELECT nullif(current_setting('calltally.from', true), '')::date AS first,
		nullif(current_setting('calltally.to', true), '')::date AS last
) w
