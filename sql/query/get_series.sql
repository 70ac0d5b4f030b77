-- The number of a series.
SELECT series_id
FROM calltally.published_series
WHERE report = $1 AND zone = $2 AND keys = $3
