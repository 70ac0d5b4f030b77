-- Where the rows of a publication's file are in it, by day and key: place is 1,
-- 2, 3. $1: series; $2: publication.
DECLARE row_order NO SCROLL CURSOR FOR
SELECT o.place, o.no
FROM calltally.published_report r,
	unnest(r.row_order) WITH ORDINALITY AS o (place, no)
WHERE r.series_id = $1 AND r.publication = $2
ORDER BY o.place
