-- The role of those who read: export, show, explain, status, verify, rejects
-- list and export. It changes nothing, so what it exports is not put on record
-- as published.
--
-- calltally init --roles runs this; psql -f does, too, for the tables' owner.
-- It may be run again. To let somebody read: GRANT calltally_reader TO analyst;
-- What later steps of the schema add is covered where the same owner adds it.
DO $$
BEGIN
	IF to_regrole('calltally_reader') IS NULL THEN
		CREATE ROLE calltally_reader NOLOGIN;
	END IF;
END
$$;
GRANT USAGE ON SCHEMA calltally TO calltally_reader;
GRANT SELECT ON ALL TABLES IN SCHEMA calltally TO calltally_reader;
GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA calltally TO calltally_reader;
ALTER DEFAULT PRIVILEGES IN SCHEMA calltally
	GRANT SELECT ON TABLES TO calltally_reader;
ALTER DEFAULT PRIVILEGES IN SCHEMA calltally
	GRANT EXECUTE ON FUNCTIONS TO calltally_reader
