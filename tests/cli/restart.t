#!/bin/sh
# A server that is restarted in the middle of a run: the run goes on by itself,
# and nothing is lost or doubled; one that does not come back is told, with 75.
# shellcheck disable=SC2034
# A late WAL writer: what commits without waiting is lost by a crash, surely.
settings='-o wal_writer_delay=10s -o fsync=off'
# shellcheck source-path=SCRIPTDIR source=server.sh
. "${0%/*}/server.sh"
# shellcheck source-path=SCRIPTDIR source=tap.sh
. "${0%/*}/tap.sh"
# shellcheck source-path=SCRIPTDIR source=books.sh
. "$here/books.sh"

: "${GEN:?is to be the path of the generator}"
"$GEN" --out dumps --calls 2200 --days 4 --late 100 --repeat 150 --respace 80 \
    --envelope 100 --garbage 30 --plain >/dev/null || exit 1
rm -rf dumps/lists
set -- --memory 16M --jobs 1 --json

# What an undisturbed run says, and what comes out.
new_database
ct init >/dev/null
try ct ingest "$@" dumps
numbers='[d[k] for k in ("files", "files_unchanged", "files_unfinished", "files_failed", "lines",
    "events", "duplicates", "rejected", "ignored", "calls", "rejects", "warnings")]'
want=$(json "$numbers")
want_status=$status
lines=$(json 'd["lines"]')
ct export --out want >/dev/null

# begin POINT...: a fresh database with a gate there, and a run that stands before it.
begin() {
	new_database
	ct init >/dev/null
	"$@"
	hold
	ct ingest --memory 16M --jobs 1 --json --reconnect "${patience:-120}" dumps >got 2>err &
	pid=$!
	at_gate
}

# ends NAME: the run that begin began comes to the right end.
ends() {
	status=0
	wait "$pid" || status=$?
	out=$(cat got) err=$(cat err)
	status "$want_status" "$1: exit status"
	is "$(json "$numbers")" "$want" "$1: what the run says is what an undisturbed one says"
	like "$err" 'trying to go on for 120 s$' "$1: that the server went away is told"
	is "$(sql "SELECT count(*), min(state) FROM calltally.run WHERE command = 'ingest'")" \
	    '1|partial' "$1: it is one run"
	is "$(sql 'SELECT sum(lines), max(lines) FROM calltally.run')" "$lines|$lines" \
	    "$1: whose books are whole"
	balanced "$1"
	ct export --out got.csv >/dev/null
	same_csv want got.csv "$1: the CSV is the same to the byte"
	rm -rf got.csv
}

begin gate call_event INSERT
server restart -m fast
ends 'restarted in the first batch'

begin gate call_event INSERT 1
server restart -m fast
ends 'restarted in a later batch, before its events'

begin gate run UPDATE 1
server restart -m fast
ends 'restarted in a later batch, with all but its books'

begin gate_at_end
server restart -m fast
ends 'restarted when all but the end of the run was written'

# Nothing that was committed without waiting may have been flushed by anything
# else: the committed lines are gone after the crash.
begin gate call_event INSERT 1
like "$(sql 'SELECT sum(lines) FROM calltally.run')" '^[1-9]' 'lines are committed before the crash'
server restart -m immediate
ends 'crashed in a later batch'

begin gate_at_end
server stop -m immediate
sleep 0.6
server start
is "$(sql 'SELECT coalesce(sum(lines), 0) < '"$lines"' FROM calltally.run')" t \
    'a crash loses commits that did not wait'
ends 'crashed at the end'

begin gate call_event INSERT 1
sql "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'calltally'" >/dev/null
sleep 0.3
sql "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'calltally'" >/dev/null
release
ends 'its session ended twice'

# What cannot be read again is not: the reader of a pipe is told, and does it again.
find dumps -type f -exec cat {} + >all.jsonl
new_database
ct ingest - <all.jsonl >/dev/null
ct export --out want-all >/dev/null
new_database
ct init >/dev/null
gate call_event INSERT 1
hold
ct ingest --memory 16M --jobs 1 - <all.jsonl >got 2>err &
pid=$!
at_gate
server restart -m fast
wait "$pid"
is $? 75 'standard input: exit 75'
like "$(cat err)" '^calltally: what came through a pipe .*, give it once more: database ' \
	'with the reason, and what to do'
ct ingest --json "$@" - <all.jsonl >got
ct export --out got.csv >/dev/null
same_csv want-all got.csv 'standard input: once more makes it whole'
rm -rf got.csv
balanced 'standard input'

# A server that stays away.
for patience in 1 0; do
	begin gate call_event INSERT 1
	server stop -m fast
	wait "$pid"
	is $? 75 "--reconnect $patience, and the server stays away: exit 75"
	like "$(tail -1 err)" '^calltally: database .*(refused|No such file|shut ?down|terminat|closed)' 'with the reason'
	server start
	sql 'DROP TRIGGER gate ON calltally.call_event'
	try ct ingest "$@" dumps
	status "$want_status" 'the next run makes it whole'
	ct export --out got.csv >/dev/null
	same_csv want got.csv 'and the CSV is the same to the byte'
	rm -rf got.csv
done
patience=

# A signal ends the waiting.
begin gate call_event INSERT 1
server stop -m fast
sleep 0.5
kill -TERM "$pid"
wait "$pid"
is $? 143 'SIGTERM while the server is away'
server start

# An export starts anew, with a snapshot of its own.
new_database
sql_hold() {
	psql -X -q "$CALLTALLY_DSN" -c 'BEGIN; LOCK TABLE calltally.call; SELECT pg_sleep(600)' >/dev/null 2>&1 &
	until_true "SELECT count(*) > 0 FROM pg_locks WHERE mode = 'AccessExclusiveLock' AND granted
		AND relation = 'calltally.call'::regclass"
}
ct ingest "$@" dumps >/dev/null
for mode in fast immediate; do
	sql_hold
	ct export --out got.csv >out 2>err &
	pid=$!
	until_true "SELECT count(*) > 0 FROM pg_locks WHERE relation = 'calltally.call'::regclass AND NOT granted"
	server restart -m $mode
	wait "$pid"
	is $? 0 "an export goes on after a restart -m $mode"
	same_csv want got.csv 'with the same bytes'
	is "$(sql "SELECT count(*) FROM calltally.publication WHERE state = 'pending'")" 0 'and nothing is left half published'
	is "$(find got.csv -name '.*tmp*')" '' 'nor half written'
done
sql_hold
ct export --out got.csv --reconnect 1 >out 2>err &
pid=$!
until_true "SELECT count(*) > 0 FROM pg_locks WHERE relation = 'calltally.call'::regclass AND NOT granted"
server stop -m fast
wait "$pid"
is $? 75 'an export without a server: exit 75'
same_csv want got.csv 'the files stay as they were'
server start

# The night in one command.
begin gate call_event INSERT
release
wait "$pid"
sql 'DELETE FROM calltally.source; DELETE FROM calltally.call_event; DELETE FROM calltally.call;
	DELETE FROM calltally.credit_balance; DELETE FROM calltally.reject'
hold
ct run --memory 16M --jobs 1 --reconnect 60 --out got.csv --archive archive dumps >got 2>err &
pid=$!
at_gate
server restart -m fast
wait "$pid"
is $? "$want_status" 'run goes on after a restart'
same_csv want got.csv 'with the same bytes'

# Commands that change what is there, each on a copy of the same database.
"$GEN" --out few --calls 250 --days 2 --garbage 30 --plain >/dev/null || exit 1
mkdir acme changed
cat >acme/acme.json <<'END'
{"provider": "acme", "title": "Acme", "types": ["done"], "status": {"done": "completed"},
 "shapes": [{"name": "webhook", "kind": "webhook", "match": [{"at": "/acme", "is": "text"}],
  "type": "/acme", "call_id": "/id", "status": "/acme", "fields": {}}]}
END
sed 's/"busy": "busy"/"busy": "failed"/' "$here/../../lib/call/providers/miraiminds.json" >changed/miraiminds.json
seq 1500 | sed 's/.*/{"acme": "done", "id": "a&"}/' >few/acme.jsonl
new_database
ct ingest few/*.jsonl >/dev/null
base=$database
few_lines=$(sql 'SELECT sum(lines) FROM calltally.source')
sql "SELECT provider || ',' || call_id || ',by-hand' FROM calltally.call LIMIT 40" |
    { echo provider,call_id,campaign_id; cat; } >overrides.csv
copy() {
	template=$base
	new_database
	template=
}

# undisturbed COMMAND...: what it says, and what comes out.
undisturbed() {
	copy
	try ct "$@" --json
	want_status=$status want=$(json "$said")
	rm -rf want.csv
	ct export --out want.csv >/dev/null
}
said='{k: v for k, v in d.items() if k != "run_id"}'

# again NAME MODE GATE -- COMMAND...: the server is restarted before that gate.
again() {
	name=$1 mode=$2
	shift 2
	copy
	where=
	while [ "$1" != -- ]; do
		where="$where $1"
		shift
	done
	shift
	$where
	hold
	ct "$@" --json >got 2>err &
	pid=$!
	at_gate
	server restart -m "$mode"
	status=0
	wait "$pid" || status=$?
	out=$(cat got) err=$(cat err)
	status "$want_status" "$name: exit status"
	like "$err" 'trying to go on for 120 s$' "$name: that the server went away is told"
	is "$(json "$said")" "$want" "$name: what it says is what an undisturbed one says"
	is "$(sql "SELECT count(*), bool_and(state IN ('done', 'partial')) FROM calltally.run
		WHERE command <> 'ingest' AND command <> 'export'")" '1|t' "$name: it is one run"
	[ "$1" = map ] || balanced "$name"	# an override is in the books of its list
	ct export --out got.csv >/dev/null
	same_csv want.csv got.csv "$name: the CSV is the same to the byte"
	rm -rf got.csv
}

set -- map overrides.csv
undisturbed "$@"
again 'map, before its events' immediate gate call_event INSERT -- "$@"
again 'map, before its COMMIT' fast gate_at_end -- "$@"

set -- rejects replay --profiles acme
undisturbed "$@"
is "$(json '[d["tried"] > 1500, d["events"]]')" '[true, 1500]' 'replay: more than a batch'
again 'replay, in its first batch' fast gate call_event INSERT -- "$@"
again 'replay, in its second batch' immediate gate call_event INSERT 1000 -- "$@"

set -- refold --profiles changed
undisturbed "$@"
is "$(json '[d["events_changed"] > 0, d["calls_changed"] > 0]')" '[true, true]' 'refold: something to do'
again 'refold, in a later one' immediate gate run UPDATE 1 -- "$@"
again 'refold, in its calls' fast gate run UPDATE "$few_lines" -- "$@"
again 'refold, at its end' fast gate_at_end -- "$@"

# A server that is not waited for.
impatient() {
	copy
	gate run UPDATE
	hold
	"$@" >out 2>err &
	pid=$!
	at_gate
	server restart -m fast
	wait "$pid"
	is $? 75 "$*: exit 75"
	try "$@"
	like "$status" '^[03]$' "$*: once more"
}
impatient ct map --reconnect 0 overrides.csv
impatient ct rejects replay --reconnect 0
impatient ct refold --reconnect 0
balanced 'started again'

finish
