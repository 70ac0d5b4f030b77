# shellcheck shell=sh
# To be sourced behind tap.sh: a command that stands at a gate in the database,
# and administrators who ask for its tables meanwhile. A gate is an advisory
# lock that a trigger or view of the test asks for, shared.

# until_some QUERY: waits for its first row, which is in $some; gives up after a minute.
until_some() {
	for _ in $(seq 600); do
		some=$(sql "$1 LIMIT 1")
		[ -z "$some" ] || return 0
		sleep 0.1
	done
	echo "Bail out! never: $1"
	exit 1
}

shut_gate() {
	PGAPPNAME=gate$1 psql -X -q "$CALLTALLY_DSN" \
		-c "SELECT pg_advisory_lock($1), pg_sleep(600)" >/dev/null 2>&1 &
	until_some "SELECT 1 FROM pg_locks WHERE objid = $1 AND granted
		AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
}

open_gate() {
	sql "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
		WHERE application_name = 'gate$1' AND datname = current_database()" >/dev/null
}

until_at_gate() { until_some "SELECT 1 FROM pg_locks WHERE objid = $1 AND NOT granted"; }

# gated_report FOLDER GATE: a user's report that stands there, before all others by its name.
gated_report() {
	mkdir "$1"
	cat >"$1/aaa.sql" <<-END
		-- Stands at the gate $2.
		-- day: local date
		-- provider: who placed the calls
		-- calls: how many
		SELECT day, provider, sum(calls) AS calls FROM report_rollup
		WHERE report = 'assistant_daily'
			AND pg_advisory_xact_lock_shared($2)::text = ''
		GROUP BY day, provider ORDER BY 1, 2
	END
}

# start ARGUMENT...: the program runs in the background until await_end.
start() {
	# shellcheck disable=SC2154 # set by tap.sh
	"$CALLTALLY" "$@" >"$tmp/.out" 2>"$tmp/.err" &
	started=$!
}

# Waits for what was started, a minute long, and keeps what it said, as try.
await_end() {
	for _ in $(seq 600); do
		kill -0 "$started" 2>/dev/null || break
		sleep 0.1
	done
	kill -KILL "$started" 2>/dev/null
	wait "$started"
	# shellcheck disable=SC2034 # for the tests
	status=$? out=$(cat "$tmp/.out") err=$(cat "$tmp/.err")
}

# ask_alone TABLE...: for each an administrator wants to have it for himself.
ask_alone() {
	: >"$tmp/.alone"
	for table; do
		PGAPPNAME=alone psql -X -q "$CALLTALLY_DSN" -c BEGIN \
			-c "LOCK TABLE calltally.$table" -c ROLLBACK \
			>>"$tmp/.alone" 2>&1 &
	done
}

# until_waits TABLE: an administrator does not get it yet.
until_waits() {
	until_some "SELECT 1 FROM pg_locks WHERE NOT granted
		AND mode = 'AccessExclusiveLock' AND relation = 'calltally.$1'::regclass"
}

# got_alone NAME: one test: none is waiting any more, and none was refused.
got_alone() {
	for _ in $(seq 100); do
		left=$(sql "SELECT count(*) FROM pg_stat_activity
			WHERE application_name = 'alone' AND datname = current_database()")
		[ "$left" -gt 0 ] || break
		sleep 0.1
	done
	is "$left$(cat "$tmp/.alone")" 0 "$1"
}
