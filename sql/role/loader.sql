-- The role of those who load: ingest, map, pull, refold, rejects, run, and all
-- that a reader may. It changes rows and never tables, and the record of the
-- schema's steps is for it to read only.
--
-- calltally init --roles runs this; psql -f does, too, for the tables' owner.
-- It may be run again. To let somebody load: GRANT calltally_loader TO etl;
-- What later steps of the schema add is covered where the same owner adds it.
DO $$
BEGIN
	IF to_regrole('calltally_loader') IS NULL THEN
		CREATE ROLE calltally_loader NOLOGIN;
	END IF;
END
$$;
GRANT USAGE ON SCHEMA calltally TO calltally_loader;
GRANT SELECT, INSERT, UPDATE, DELETE
	ON ALL TABLES IN SCHEMA calltally TO calltally_loader;
REVOKE INSERT, UPDATE, DELETE ON calltally.migration FROM calltally_loader;
GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA calltally TO calltally_loader;
ALTER DEFAULT PRIVILEGES IN SCHEMA calltally
	GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO calltally_loader;
ALTER DEFAULT PRIVILEGES IN SCHEMA calltally
	GRANT EXECUTE ON FUNCTIONS TO calltally_loader
