-- The lines of versions of rows, in their order. $1: series; $2 to $5: day,
-- publication, part and place in it, from 1.
SELECT l.lines[asked.place] AS line
FROM unnest($2::text[], $3::bigint[], $4::bigint[], $5::bigint[])
	WITH ORDINALITY AS asked (day, publication, part, place, no)
LEFT JOIN calltally.published_line l ON l.series_id = $1
	AND l.day = asked.day::date AND l.publication = asked.publication
	AND l.part = asked.part
ORDER BY asked.no
