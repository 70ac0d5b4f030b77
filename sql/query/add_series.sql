-- The number of a series, the next one where it is new. One that is there,
-- though nothing is stated in it, is what an export that was cut off has left.
-- The lock of publications is held.
INSERT INTO calltally.published_series (series_id, report, zone, keys)
SELECT coalesce(max(series_id), 0) + 1, $1, $2, $3
FROM calltally.published_series
ON CONFLICT (report, zone, keys) DO UPDATE SET report = EXCLUDED.report
RETURNING series_id
