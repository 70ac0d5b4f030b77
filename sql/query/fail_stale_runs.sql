-- Runs that hold no lock any more and never said how they ended.
UPDATE calltally.run
SET state = 'failed', message = 'cut off', finished_at = $1
WHERE state = 'running'
