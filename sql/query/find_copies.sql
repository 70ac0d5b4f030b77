-- The events of these calls in one day of each, from one identity to
-- another, and their times: 16 of a call at most, some of them where they are
-- more.
SELECT k.no, e.identity, e.event_time
FROM unnest($1::smallint[], $2::uuid[], $3::uuid[], $4::uuid[]) WITH ORDINALITY
	AS k (utc_day, call_key, first, last, no)
CROSS JOIN LATERAL (
	SELECT s.identity, s.event_time
	FROM calltally.call_event s
	WHERE s.utc_day = k.utc_day
		AND s.call_key = k.call_key
		AND s.identity >= k.first
		AND s.identity <= k.last
	LIMIT 16
) e
