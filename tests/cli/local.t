#!/bin/sh
# calltally local, and the private cluster that stands in for a named database.
# shellcheck source-path=SCRIPTDIR source=tap.sh
. "${0%/*}/tap.sh"
# shellcheck source-path=SCRIPTDIR source=sample.sh
. "$here/sample.sh"

# As root the cluster belongs to the user postgres, who must get there.
chmod 711 "$tmp"
mkdir -m 711 state

# shellcheck disable=SC2317
stop() {
	ct local stop --folder "$tmp/state/calltally" >/dev/null 2>&1
	as_other "$CALLTALLY" local stop >/dev/null 2>&1
	cleanup
}
trap stop EXIT

try ct local status --folder "$tmp/state/calltally"
status 0 'local status where nothing is'
like "$out" '^cluster +not made yet$' 'says so'
is "$(ls state)" '' 'and makes nothing'
try ct local stop --folder "$tmp/state/calltally"
status 0 'nothing to stop is no failure'

try ct local start --folder /proc/nowhere/calltally
status 1 'a folder that cannot be made'
like "$err" '^calltally: /proc/nowhere: the folder for the private PostgreSQL cannot be made: ' 'is told, and what it is for'

try ct local start --folder "$tmp/state/calltally"
status 0 'local start'
like "$out" '^cluster +running, process [0-9]+$' 'says that it runs'
dsn=$(printf '%s\n' "$out" | sed -n 's/^dsn  *//p')
is "$(psql -X -At "$dsn" -c 'SHOW fsync')" on 'the dsn is good for psql, and the cluster durable'
try ct local status --folder "$tmp/state/calltally" --json
is "$(json 'd["made"], d["running"], d["pid"] > 1')" '[true, true, true]' 'local status --json'
is "$(json 'd["dsn"]')" "$dsn" '--json: the dsn'
pid=$(json 'd["pid"]')
try ct local start --json --folder="$tmp/state/calltally"
is "$(json 'd["pid"]')" "$pid" 'a second start finds it running'
try ct local stop --json --folder "$tmp/state/calltally"
is "$(json 'd["made"], d["running"]')" '[true, false]' 'local stop'
psql -X -At "$dsn" -c 'SELECT 1' >/dev/null 2>&1
is $? 2 'nobody answers any more'

# Without any database named, commands make and start it by themselves. Root's
# own is left alone: this is done as somebody else.
as_other() {
	if [ "$(id -u)" -eq 0 ]; then
		setpriv --reuid=65534 --regid=65534 --clear-groups \
		    env HOME=/nonexistent XDG_DATA_HOME="$tmp/home" "$@"
	else
		env XDG_DATA_HOME="$tmp/home" "$@"
	fi
}
mkdir home
[ "$(id -u)" -ne 0 ] || chown 65534:65534 home
if as_other "$CALLTALLY" --version >/dev/null 2>&1; then
	try as_other "$CALLTALLY" status --json
	status 0 'a question alone makes the cluster and its tables'
	is "$(json 'd["calls"]')" 0 'it is empty'
	sample_dump >m.jsonl
	chmod 644 m.jsonl
	try as_other "$CALLTALLY" ingest --json m.jsonl
	is "$(json 'd["events"]')" 4 'ingest into it'
	as_other "$CALLTALLY" local stop >/dev/null
	try as_other "$CALLTALLY" init --json
	is "$(json 'd["private"], d["steps"]')" '[true, 0]' 'it is started again when it is needed'
else
	skip 'a private cluster by default' 'the program cannot be run by another user'
fi

finish
