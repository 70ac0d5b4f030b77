-- The files of a publication have their names.
UPDATE calltally.publication
SET state = 'stated'
WHERE publication = $1
