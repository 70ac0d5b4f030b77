-- A file of a publication.
INSERT INTO calltally.published_report (series_id, publication, rows, columns,
	row_order)
VALUES ($1, $2, $3, $4, $5::bigint[])
