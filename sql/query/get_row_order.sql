-- The places by day and key of a file's rows, in the file's order.
SELECT o.place
FROM calltally.published_report r,
	unnest(r.row_order) WITH ORDINALITY AS o (place, no)
WHERE r.series_id = $1 AND r.publication = $2
ORDER BY o.no
