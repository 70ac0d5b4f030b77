-- All files of an export show the database at one moment.
BEGIN ISOLATION LEVEL REPEATABLE READ
