-- The lines of those rows.
COPY calltally.published_line (series_id, day, publication, part, lines)
FROM STDIN (FORMAT binary)
