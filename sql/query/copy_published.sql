-- Rows that a publication states for the first time, or no more, by parts of a day.
COPY calltally.published (series_id, day, publication, part, keys, digests)
FROM STDIN (FORMAT binary)
