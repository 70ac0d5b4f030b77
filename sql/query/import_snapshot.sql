-- Sees what another transaction sees. The statement takes no parameters: the
-- variable is filled in as psql would do it.
SET TRANSACTION SNAPSHOT :'snapshot'
