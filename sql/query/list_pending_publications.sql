-- Publications of exports that were cut off.
SELECT publication, id, folder
FROM calltally.publication
WHERE state = 'pending'
ORDER BY publication
