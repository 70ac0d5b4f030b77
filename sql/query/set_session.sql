-- Makes a session plain, whatever the server, the role or the environment say.
-- Durability is left as the server has it.
SELECT set_config(s.name, s.value, false)
FROM (VALUES
	('client_encoding', 'UTF8'),
	('DateStyle', 'ISO, YMD'),
	('IntervalStyle', 'postgres'),
	('TimeZone', 'UTC'),
	('bytea_output', 'hex'),
	('extra_float_digits', '1'),
	('standard_conforming_strings', 'on'),
	('search_path', 'pg_catalog, pg_temp'),
	('default_transaction_isolation', 'read committed'),
	('statement_timeout', '0'),
	('idle_in_transaction_session_timeout', '0'),
	('idle_session_timeout', '0'),
	('jit', 'off')
) AS s (name, value)
