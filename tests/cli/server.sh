# shellcheck shell=sh
# To be sourced in front of tap.sh: a test that stops and starts its server has
# one of its own, and gates in it. A gate makes the program wait at a point of
# the test's choice, in the middle of a transaction, without any luck.
#
# Settings for the server may stand in $settings, as for tests/pg.sh.

if [ -z "${SERVER_OF_ONE:-}" ]; then
	# shellcheck disable=SC2086
	SERVER_OF_ONE=1 exec sh "${0%/*}/../pg.sh" ${settings:-} "$0" "$@"
fi
server_folder=$(printf '%s' "$CALLTALLY_TEST_DSN" | sed 's/.*host=\([^ ]*\).*/\1/')

# server ACTION [OPTION...]: pg_ctl.
server() {
	set -- "$CALLTALLY_TEST_BINDIR/pg_ctl" -D "$server_folder/data" \
	    -l "$server_folder/log" -w -t 60 "$@"
	if [ "$(id -u)" -eq 0 ]; then
		set -- setpriv --reuid=postgres --regid=postgres --init-groups \
		    --reset-env -- env LC_ALL=C "$@"
	fi
	(cd / && "$@" >/dev/null 2>&1 </dev/null)
}

# gate TABLE EVENT [LINES]: whoever does that to the table waits while the gate
# is held, once the run has committed so many lines.
gate() {
	sql "CREATE OR REPLACE FUNCTION public.gate() RETURNS trigger LANGUAGE plpgsql AS \$\$
	BEGIN
		IF (SELECT coalesce(sum(lines), 0) FROM calltally.run WHERE state = 'running')
				>= TG_ARGV[0]::bigint THEN
			PERFORM pg_advisory_xact_lock_shared(7);
		END IF;
		RETURN NULL;
	END \$\$;
	CREATE TRIGGER gate BEFORE $2 ON calltally.$1
		FOR EACH STATEMENT EXECUTE FUNCTION public.gate(${3:-0})"
}

# gate_at_end: the statement that says how a run ended waits.
gate_at_end() {
	sql "CREATE FUNCTION public.gate_at_end() RETURNS trigger LANGUAGE plpgsql AS \$\$
	BEGIN
		PERFORM pg_advisory_xact_lock_shared(7);
		RETURN NEW;
	END \$\$;
	CREATE TRIGGER gate_at_end BEFORE UPDATE ON calltally.run FOR EACH ROW
		WHEN (NEW.state <> 'running') EXECUTE FUNCTION public.gate_at_end()"
}

# hold: shuts the gate until "release" or a restart.
hold() {
	psql -X -q "$CALLTALLY_DSN" -c "SET application_name = 'gate'" \
	    -c 'SELECT pg_advisory_lock(7), pg_sleep(600)' >/dev/null 2>&1 &
	until_true "SELECT count(*) > 0 FROM pg_locks WHERE locktype = 'advisory'
		AND objid = 7 AND mode = 'ExclusiveLock' AND granted"
}
release() {
	sql "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
		WHERE application_name = 'gate'" >/dev/null
}

# until_true QUERY: asks until the answer is t; gives up after a minute.
until_true() {
	n=0
	while [ "$(sql "$1" 2>/dev/null)" != t ]; do
		n=$((n + 1))
		[ $n -lt 1200 ] || { echo "Bail out! never true: $1"; exit 1; }
		sleep 0.05
	done
}

# at_gate: waits until the program stands before it.
at_gate() {
	until_true "SELECT count(*) > 0 FROM pg_locks WHERE locktype = 'advisory'
		AND objid = 7 AND NOT granted"
}
