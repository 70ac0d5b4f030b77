#!/bin/sh
# A large first load makes two indexes at its end: they are away while it
# loads, whoever reads meanwhile reads the same, and whatever ends it, they are
# made by it or by the next ingest. Where others have a say, it loads with them.
# shellcheck source-path=SCRIPTDIR
# shellcheck source=tap.sh
. "${0%/*}/tap.sh"
# shellcheck source=books.sh
. "$here/books.sh"
# shellcheck source=gate.sh
. "$here/gate.sh"

"$GEN" --out small --calls 1500 --days 3 --repeat 20 --plain >/dev/null || exit 70
mv small/lists/assistants.csv names.csv
rm -r small/lists
# Large by its bytes alone, so that the test is quick.
cp -r small large
for _ in 1 2 3 4; do printf '%4000000s\n' ''; done >large/blank.jsonl

both="calltally.call_day_at, calltally.credit_balance_event_time"
# What the schema has: definitions that hold, with those of all other indexes.
indexes() {
	sql "SELECT pg_get_indexdef(i.indexrelid) FROM pg_index i
		JOIN pg_class c ON c.oid = i.indexrelid
		WHERE c.relnamespace = 'calltally'::regnamespace AND i.indisvalid ORDER BY 1"
}
# Another number tells that it was made anew.
numbers() {
	sql "SELECT relname, oid FROM pg_class WHERE relname IN ('call_day_at',
		'credit_balance_event_time') ORDER BY 1"
}
away() { is "$(numbers)" '' "$1"; }
made() { is "$(indexes)" "$schema" "$1"; }
remove() { sql "DROP INDEX IF EXISTS $both"; }

# database: with tables, and the numbers of its indexes in $old.
database() {
	new_database
	ct init >/dev/null
	old=$(numbers)
}

# loading: a large load stands in its midst: some of it is
# committed, and the next batch waits at the gate 80.
loading() {
	database
	sql "CREATE FUNCTION public.stand() RETURNS trigger LANGUAGE plpgsql AS \$\$ BEGIN
		IF EXISTS (SELECT FROM calltally.run WHERE state = 'running' AND events > 0) THEN
			PERFORM pg_advisory_xact_lock_shared(80);
		END IF;
		RETURN NULL;
	END \$\$;
	CREATE TRIGGER stand BEFORE INSERT ON calltally.call_event
		FOR EACH STATEMENT EXECUTE FUNCTION public.stand()"
	shut_gate 80
	start ingest --memory 16M --jobs 1 large
	until_at_gate 80
}

# same NAME: the CSV is that of a load with all indexes.
same() {
	rm -rf again
	ct export --out again >/dev/null
	same_csv want again "$1: the same CSV"
}

# ---- small loads, and what is read of a large one ----

database
schema=$(indexes)
like "$schema" 'call_day_at' 'the schema has them'
try ct ingest --memory 16M small
status 0 'a small load'
is "$(numbers)" "$old" 'a small load leaves them as they are'
ct export --out want >/dev/null

gated_report own 82
loading
load=$started
away 'a large load has taken them away'
try ct export --out beside --from 2026-03-01 --html --xlsx
status 0 'an export beside it'
try test "$(wc -l <beside/calls.csv)" -gt 1
status 0 'has what is committed'
try ct status
status 0 'so has the status'
shut_gate 82
start export --out longer --from 2026-03-01 --reports own
until_at_gate 82
open_gate 80
wait "$load"
is $? 0 'a large load ends, whoever reads'
made 'and has made them'
open_gate 82
await_end
status 0 'an export that began without them ends'
rm -f longer/aaa.csv beside/calltally.xlsx beside/report.html
same_csv beside longer 'an export that began without them has what was there then'
balanced 'a large load'
same 'a large load'
try ct ingest --json large
is "$(json 'd["files_unchanged"] > 0 and d["files"] == 0')" true 'again: nothing new'
is "$(numbers | wc -l)" 2 'again: they stay'

new_database
try ct ingest large
status 0 'a large load that makes the tables'
made 'a large load that makes the tables makes them'

# ---- what ends it ----

loading
kill -KILL "$started"
await_end
open_gate 80
away 'killed: they are away'
sql 'DROP TRIGGER stand ON calltally.call_event'
try ct ingest large
status 0 'killed: the next run'
made 'killed: the next run makes them'
balanced 'killed'
same 'killed'

for command in init 'ingest small'; do
	remove
	# shellcheck disable=SC2086
	try ct $command
	status 0 "$command without them"
	made "$command makes them"
done
sql 'DROP INDEX calltally.credit_balance_event_time'
try ct init
made 'one alone is made, too'

loading
kill -TERM "$started"
sleep 0.2
open_gate 80
await_end
status 143 'SIGTERM: exit status'
away 'SIGTERM: they take no time of its end'
sql 'DROP TRIGGER stand ON calltally.call_event'
ct ingest large >/dev/null
made 'SIGTERM: the next run makes them'
same 'SIGTERM'

loading
sql "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
	WHERE application_name = 'calltally' AND datname = current_database()" >/dev/null
open_gate 80
await_end
status 0 'its sessions are ended: it goes on'
like "$err" 'trying to go on' 'its sessions are ended: that is told'
made 'its sessions are ended: they are made'
same 'its sessions are ended'

loading
sql "CREATE OR REPLACE FUNCTION public.stand() RETURNS trigger LANGUAGE plpgsql
	AS \$\$ BEGIN RAISE 'no more'; END \$\$"
open_gate 80
await_end
status 1 'a batch is refused: exit status'
like "$err" 'no more' 'a batch is refused: the reason is told'
made 'a batch is refused: they are made'

# rule TAG WHEN: the database does not want such a command.
rule() {
	sql "CREATE FUNCTION public.rule() RETURNS event_trigger LANGUAGE plpgsql
		AS \$\$ BEGIN RAISE 'no room for it'; END \$\$;
	CREATE EVENT TRIGGER rule ON ddl_command_start WHEN TAG IN ('$1')
		EXECUTE FUNCTION public.rule()"
}

database
rule 'CREATE INDEX'
try ct ingest large
status 0 'they cannot be made: what is loaded stands'
like "$err" '^calltally: what was loaded stands, but .*no room for it' 'they cannot be made: that is told'
is "$(sql 'SELECT state FROM calltally.run')" 'done' 'they cannot be made: so is the run'
balanced 'they cannot be made'
same 'they cannot be made'
try ct ingest small
status 0 'they still cannot be made: what is known is known'
like "$err" 'no room for it' 'they still cannot be made: that is told'
try ct map names.csv
status 0 'they still cannot be made: nobody is stopped by it'
is "$err" '' 'they still cannot be made: who does not make them says nothing'
try ct init
status 1 'they still cannot be made: init'
like "$err" 'no room for it' 'they still cannot be made: init says why'
sql 'DROP EVENT TRIGGER rule'
try ct ingest large
status 0 'they can be made again: exit status'
made 'they can be made again: they are'

# making: a large load waits at the gate 83 before it makes them.
making() {
	database
	sql "CREATE FUNCTION public.wait() RETURNS event_trigger LANGUAGE plpgsql
		AS \$\$ BEGIN PERFORM set_config('lock_timeout', '0', true);
			PERFORM pg_advisory_xact_lock_shared(83); END \$\$;
		CREATE EVENT TRIGGER wait ON ddl_command_start WHEN TAG IN ('CREATE INDEX')
		EXECUTE FUNCTION public.wait()"
	shut_gate 83
	start ingest large
	until_at_gate 83
}

making
is "$(sql 'SELECT state FROM calltally.run')" 'done' 'before they are made the run has ended'
kill -KILL "$started"
await_end
try ct rejects replay --wait 30
status 0 'killed while it makes them: the server does not go on for nobody'
open_gate 83
try ct ingest large
made 'killed while it makes them: the next run makes them'
same 'killed while it makes them'

making
kill -TERM "$started"
open_gate 83
await_end
status 0 'SIGTERM while it makes them: all had been done'
made 'SIGTERM while it makes them: they are made'

# ---- where others have a say ----

# stay NAME: a large load goes on with them, and says nothing.
stay() {
	await_end
	status 0 "$1: a large load"
	is "$err" '' "$1: nothing is said"
	is "$(numbers)" "$old" "$1: they stay"
}

database
rule 'DROP INDEX'
start ingest --no-progress large
stay 'a rule against it'

for change in 'ALTER INDEX calltally.call_day_at SET (fillfactor = 70)' \
	'CLUSTER calltally.credit_balance USING credit_balance_event_time' \
	'DROP INDEX calltally.call_day_at;
		CREATE INDEX call_day_at ON calltally.call (day_at) INCLUDE (provider)' \
	'DROP INDEX calltally.call_day_at; CREATE TABLE calltally.mine (day_at int);
		CREATE INDEX call_day_at ON calltally.mine (day_at)'; do
	database
	sql "$change"
	old=$(numbers)
	start ingest --no-progress large
	stay "an administrator's own (${change%% *})"
done

database
PGAPPNAME=gate77 psql -X -q "$CALLTALLY_DSN" -c BEGIN -c 'SELECT FROM calltally.call' \
	-c 'SELECT pg_sleep(600)' >/dev/null 2>&1 &
until_some "SELECT 1 FROM pg_locks WHERE granted AND relation = 'calltally.call'::regclass"
start ingest --no-progress large
stay 'somebody reads'
open_gate 77

# Whoever writes makes a run wait a little at its end, not for ever.
remove
PGAPPNAME=gate77 psql -X -q "$CALLTALLY_DSN" -c BEGIN -c 'LOCK TABLE calltally.call IN ROW EXCLUSIVE MODE' \
	-c 'SELECT pg_sleep(600)' >/dev/null 2>&1 &
until_some "SELECT 1 FROM pg_locks WHERE granted AND relation = 'calltally.call'::regclass"
cp "$(find small -name '*.jsonl' | head -n 1)" other.jsonl
start ingest --no-progress other.jsonl
await_end
status 0 'somebody writes: what is loaded stands'
like "$err" 'left to the next ingest' 'somebody writes: that is told'
away 'somebody writes: they are left to the run after it'
open_gate 77

me=calltally_late$$
new_database
ct init --roles >/dev/null
old=$(numbers)
admin -c "CREATE ROLE $me LOGIN IN ROLE calltally_loader"
start ingest --no-progress --dsn "$CALLTALLY_DSN user=$me" large
stay 'who loads does not own the tables'
same 'who loads does not own the tables'
remove
for command in init 'ingest small'; do
	# shellcheck disable=SC2086
	try ct $command --dsn "$CALLTALLY_DSN user=$me"
	status 0 "$command of one who may not make them goes on without"
done
away 'who may not make them does not'
try ct init
made 'who may does'
admin -c "DROP ROLE $me"
finish
