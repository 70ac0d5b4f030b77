-- Rows that a publication states for the first time, or no more.
COPY calltally.published (series_id, publication, day, digest, key, line)
FROM STDIN (FORMAT binary)
