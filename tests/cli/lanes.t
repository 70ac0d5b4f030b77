#!/bin/sh
# Two connections write as one would: batches commit in the order of reading,
# whatever fails takes nothing that comes later with it, and without a second
# connection one does it all.
# shellcheck source-path=SCRIPTDIR
# shellcheck source=tap.sh
. "${0%/*}/tap.sh"
# shellcheck source=books.sh
. "$here/books.sh"
# shellcheck source=gate.sh
. "$here/gate.sh"

"$GEN" --out dumps --calls 6000 --days 6 --files 1 --seed 9 --transcripts \
	--shuffle --repeat 20 >/dev/null || exit 70

new_database
try ct ingest --json dumps
lines=$(json "d['lines']")
ct export --out want >/dev/null
midst=$(sql "SELECT e.identity FROM calltally.call_event e
	JOIN calltally.source s USING (source_id)
	ORDER BY s.name, e.line OFFSET $lines / 2 LIMIT 1")

# sessions COMMAND...: how many the command had in the database.
sessions() {
	admin -At -c "SELECT sessions FROM pg_stat_database WHERE datname = '$database'" >before
	"$@" >/dev/null
	while [ "$(admin -At -c "SELECT count(*) FROM pg_stat_activity
		WHERE datname = '$database' AND backend_type = 'client backend'")" -gt 0 ]; do
		sleep 0.1
	done
	admin -At -c "SELECT sessions - $(cat before) FROM pg_stat_database
		WHERE datname = '$database'"
}

is "$(sessions ct ingest dumps)" 1 'where nothing is new there is one connection'
cat dumps/*.gz | zcat | sed -n 1p >line.jsonl
is "$(sessions ct ingest line.jsonl)" 2 'where something is, a second one'

# trouble SQL: in a new database, the SQL runs when the event in the midst of
# the dumps comes to be stored.
trouble() {
	new_database
	ct init >/dev/null
	sql "CREATE FUNCTION public.trouble() RETURNS trigger LANGUAGE plpgsql
		AS \$\$ BEGIN $1 END \$\$;
	CREATE TRIGGER trouble BEFORE INSERT ON calltally.call_event
		FOR EACH ROW WHEN (NEW.identity = '$midst')
		EXECUTE FUNCTION public.trouble()"
}

# goes_on NAME: after a run that failed, the next one does the rest.
goes_on() {
	balanced "$1"
	# shellcheck disable=SC2154 # set by try
	if [ "$status" -ne 0 ]; then
		try test "$(sql 'SELECT coalesce(sum(lines), 0) FROM calltally.source')" -lt "$lines"
		status 0 "$1: not all was loaded"
	fi
	try test "$(sql 'SELECT count(*) FROM calltally.source')" -gt 0
	status 0 "$1: what came before was"
	sql 'DROP TRIGGER trouble ON calltally.call_event'
	try ct ingest --memory 16M dumps
	status 0 "$1: the next run ends"
	balanced "$1, then in peace"
	is "$(sql 'SELECT sum(lines) FROM calltally.source')" "$lines" \
		"$1: every line is in the books once"
	rm -rf again
	ct export --out again >/dev/null
	same_csv want again "$1: the same CSV"
}

trouble "RAISE EXCEPTION 'no room';"
try ct ingest --memory 16M dumps
status 1 'a batch is refused: exit status'
like "$err" 'no room' 'a batch is refused: the reason is told'
goes_on 'a batch is refused'

# Who holds the lock, be it the first connection or the second, is thrown out.
# The second is not missed when the first had taken all the rest already.
for lock in 1952541804 1952541805; do
	trouble "PERFORM pg_terminate_backend(pid) FROM pg_locks
		WHERE locktype = 'advisory' AND objid = $lock; RETURN NEW;"
	try ct ingest --memory 16M --reconnect 0 dumps
	case $lock$status in
	19525418050) pass 'the second session was not needed any more' ;;
	*) status 75 "the session with lock $lock is ended: exit status" ;;
	esac
	goes_on "the session with lock $lock is ended"
done

# The second of two batches fails, and with it goes what its file's end owns,
# while the first writes its books: they tell of the file nevertheless. Locks
# 77 and 78 say that the second batch, and the first, is where it should be.
"$GEN" --out ends --calls 4000 --days 2 --files 1 --seed 4 >/dev/null ||
	exit 70
gzip -cdf ends/*.jsonl* >both.jsonl
(echo 'no JSON'; cat both.jsonl) >both && mv both both.jsonl
new_database
try ct ingest both.jsonl
ct export --out whole >/dev/null
last=$(sql "SELECT max(line) FROM (SELECT min(line) AS line
	FROM calltally.call_event GROUP BY call_key) AS first")
new_database
ct init >/dev/null
sql "CREATE FUNCTION public.await(lock int, held boolean) RETURNS void LANGUAGE plpgsql
	AS \$\$ BEGIN
		FOR i IN 1..1000 LOOP
			EXIT WHEN held = EXISTS (SELECT FROM pg_locks
				WHERE locktype = 'advisory' AND objid = lock);
			PERFORM pg_sleep(0.01);
		END LOOP;
	END \$\$;
CREATE FUNCTION public.second() RETURNS trigger LANGUAGE plpgsql
	AS \$\$ BEGIN
		PERFORM pg_advisory_xact_lock(77), public.await(78, true);
		PERFORM pg_sleep(0.1);
		RAISE EXCEPTION 'no room';
	END \$\$;
CREATE FUNCTION public.first() RETURNS trigger LANGUAGE plpgsql
	AS \$\$ BEGIN
		PERFORM pg_advisory_xact_lock(78), public.await(77, true);
		PERFORM public.await(77, false), pg_sleep(0.3);
		RETURN NEW;
	END \$\$;
CREATE TRIGGER trouble BEFORE INSERT ON calltally.call_event
	FOR EACH ROW WHEN (NEW.line = $last) EXECUTE FUNCTION public.second();
CREATE TRIGGER first BEFORE INSERT ON calltally.reject
	FOR EACH ROW EXECUTE FUNCTION public.first()"
try ct ingest --memory 16M both.jsonl
status 1 'the end of a file fails: exit status'
balanced 'the end of a file fails'
is "$(sql "SELECT name LIKE '%both.jsonl' AND lines > 1 FROM calltally.source")" t \
	'the end of a file fails: the books of its beginning are right'
is "$(sql 'SELECT count(*) FROM calltally.call_event e WHERE NOT EXISTS (
	SELECT FROM calltally.source s WHERE s.source_id = e.source_id)')" 0 \
	'the end of a file fails: no event without its file'
sql 'DROP TRIGGER trouble ON calltally.call_event;
	DROP TRIGGER first ON calltally.reject'
try ct ingest --memory 16M both.jsonl
is "$(sql 'SELECT count(*) FROM calltally.source')" 1 \
	'the end of a file fails: the next run goes on from there'
rm -rf again
ct export --out again >/dev/null
same_csv whole again 'the end of a file fails: the same CSV'

# Somebody asks for a table for himself while one batch waits for the other's
# commit: who holds lock 79 stands before his first call, in the gate 80.
new_database
ct init >/dev/null
sql "CREATE FUNCTION public.one_waits() RETURNS trigger LANGUAGE plpgsql
	AS \$\$ BEGIN
		IF pg_try_advisory_xact_lock(79) THEN
			PERFORM pg_advisory_xact_lock_shared(80);
		END IF;
		RETURN NULL;
	END \$\$;
CREATE TRIGGER one_waits BEFORE INSERT ON calltally.call
	FOR EACH STATEMENT EXECUTE FUNCTION public.one_waits()"
shut_gate 80
start ingest --memory 16M --json dumps
until_at_gate 80
until_some "SELECT 1 FROM pg_stat_activity WHERE application_name = 'calltally'
	AND state = 'idle in transaction' AND datname = current_database()
	AND state_change < clock_timestamp() - interval '0.5 s'"
# Each waits, or has it already where no batch holds it yet.
ask_alone call call_event credit_balance reject source run drift transcript
until_waits credit_balance
sleep 0.5
open_gate 80
await_end
status 0 'tables that an administrator asks for meanwhile: the run ends'
is "$(json "d['lines']")" "$lines" 'tables that an administrator asks for meanwhile: all lines'
got_alone 'tables that an administrator asks for meanwhile: he gets them'
balanced 'tables that an administrator asks for meanwhile'
rm -rf again
ct export --out again >/dev/null
same_csv want again 'tables that an administrator asks for meanwhile: the same CSV'

new_database
ct init >/dev/null
role=calltally_one_$$
admin -c "CREATE ROLE $role LOGIN CONNECTION LIMIT 1"
database=${CALLTALLY_DSN##*=}
admin -c "GRANT ALL ON DATABASE $database TO $role"
sql "GRANT ALL ON SCHEMA calltally TO $role; GRANT ALL ON ALL TABLES IN SCHEMA calltally TO $role"
try ct ingest --memory 16M --json --dsn "$CALLTALLY_DSN user=$role" dumps
status 0 'one connection does it all'
is "$(json "d['lines']")" "$lines" 'one connection: all lines'
balanced 'one connection'
rm -rf again
ct export --out again >/dev/null
same_csv want again 'one connection: the same CSV'
sql "REASSIGN OWNED BY $role TO CURRENT_USER; DROP OWNED BY $role"
admin -c "DROP ROLE $role"
finish
