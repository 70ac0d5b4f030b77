-- A publication whose files never got their names, and all that it stated.
WITH rows AS (
	DELETE FROM calltally.published WHERE publication = $1
), lines AS (
	DELETE FROM calltally.published_line WHERE publication = $1
), reports AS (
	DELETE FROM calltally.published_report WHERE publication = $1
)
DELETE FROM calltally.publication WHERE publication = $1
