-- The last publication before which all are stated.
SELECT coalesce(min(publication) FILTER (WHERE state = 'pending') - 1,
	max(publication), 0)
FROM calltally.publication
