-- The files of a publication.
SELECT r.series_id, s.report, r.columns, r.rows, r.row_order IS NOT NULL AS has_order,
	r.digest
FROM calltally.published_report r
JOIN calltally.published_series s USING (series_id)
WHERE r.publication = $1
ORDER BY s.report
