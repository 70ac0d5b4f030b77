-- A new series, by the next number. The lock of publications is held.
INSERT INTO calltally.published_series (series_id, report, zone, keys)
SELECT coalesce(max(series_id), 0) + 1, $1, $2, $3
FROM calltally.published_series
RETURNING series_id
