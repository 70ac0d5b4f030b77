-- The files of a publication.
COPY calltally.published_report (series_id, publication, rows, columns, row_order, digest)
FROM STDIN (FORMAT binary)
