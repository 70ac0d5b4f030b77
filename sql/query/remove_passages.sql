-- Forgets all passages: what their lines told is about to change.
DELETE FROM calltally.passage
