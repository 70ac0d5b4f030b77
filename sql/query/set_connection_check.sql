-- A statement of this transaction ends when its client is gone, where the server
-- can tell.
SELECT set_config('client_connection_check_interval', '1s', true)
WHERE current_setting('server_version_num')::int >= 140000
	AND version() LIKE '%linux%'
