-- One moment for all that is read; sorting all events may take some room.
BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY;
SET LOCAL work_mem = '64MB';
SET LOCAL cursor_tuple_fraction = 1
