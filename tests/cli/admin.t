#!/bin/sh
# An administrator who asks for a table for himself waits for an export or a
# refold under way, and never stands between its two connections, where neither
# would go on.
# shellcheck source-path=SCRIPTDIR
# shellcheck source=tap.sh
. "${0%/*}/tap.sh"
# shellcheck source=books.sh
. "$here/books.sh"
# shellcheck source=gate.sh
. "$here/gate.sh"

"$GEN" --out dumps --calls 2500 --days 6 --files 1 --seed 5 >/dev/null || exit 70
# Of another statement: all of it is restated.
other="UPDATE calltally.call SET status = status || 'x'"

new_database
first=$database
try ct ingest dumps
ct export --out want >/dev/null
sql "CREATE FUNCTION public.stand(gate int) RETURNS boolean LANGUAGE plpgsql
	AS \$\$ BEGIN
		PERFORM pg_advisory_xact_lock_shared(gate);
		RETURN true;
	END \$\$;
DO \$\$ DECLARE v record; BEGIN
	FOR v IN VALUES ('calltally.report_finest', 80), ('calltally.window_balance', 81) LOOP
		EXECUTE format('CREATE OR REPLACE VIEW %s AS SELECT * FROM (%s) v WHERE public.stand(%s)',
			v.column1, rtrim(pg_get_viewdef(v.column1::regclass), ';'), v.column2);
	END LOOP;
END \$\$"
record='publication published_series published_report published published_line'
tables="$record call call_event credit_balance provider assistant campaign source run
report_call report_rollup window_balance"

# published FOLDER NAME: an export that was disturbed ended, and it is whole.
published() {
	await_end
	status 0 "$2: the export ends"
	got_alone "$2: they get them"
	is "$(wc -l <"$1/restatements.csv")" "$(wc -l <restated/restatements.csv)" \
		"$2: all is restated"
	rm -f "$1/aaa.csv"
	same_csv restated "$1" "$2: the same CSV"
	try ct export --out past --as-of "$(date -u +%F)"
	try cmp past/calls.csv "$1/calls.csv"
	status 0 "$2: it is on record"
}

# disturbed: a database in which an export is to restate all calls
disturbed() {
	template=$first new_database
	sql "$other"
}

disturbed
ct export --out restated >/dev/null
is "$(sed -n '$=' restated/restatements.csv)" \
	"$(($(sql "SELECT count(*) FROM calltally.call WHERE status <> ''
		AND day_at IS NOT NULL") + 1))" \
	'undisturbed, all is restated'

# The second connection writes the record while the first one stands before
# the rollups; it will still ask for what was published.
disturbed
shut_gate 80
start export --out writing
until_at_gate 80
until_some "SELECT 1 FROM pg_locks WHERE mode = 'RowExclusiveLock' AND granted
	AND relation = 'calltally.published_line'::regclass"
# shellcheck disable=SC2086
ask_alone $tables
until_waits published_line
open_gate 80
published writing 'asked for while the record is written'

# The first one stands in a report, with what it compares; the second is about
# to write the record, for which somebody waits.
disturbed
gated_report own 82
shut_gate 81
shut_gate 82
start export --out about --reports own
until_at_gate 82
until_at_gate 81
# shellcheck disable=SC2086
ask_alone $tables
until_waits published
open_gate 81
sleep 0.5
open_gate 82
published about 'asked for before the record is written'

# Somebody has a table when the first connection asks for it, and somebody else
# asks before the second one does: the first does it all.
disturbed
PGAPPNAME=gate77 psql -X -q "$CALLTALLY_DSN" -c BEGIN -c 'LOCK TABLE calltally.call' \
	-c 'SELECT pg_sleep(600)' >/dev/null 2>&1 &
until_some "SELECT 1 FROM pg_locks WHERE mode = 'AccessExclusiveLock' AND granted
	AND relation = 'calltally.call'::regclass"
start export --out alone
until_some "SELECT 1 FROM pg_locks WHERE mode = 'AccessShareLock' AND NOT granted
	AND relation = 'calltally.call'::regclass"
ask_alone call
until_waits call
open_gate 77
published alone 'asked for between the two connections'

# What refold reads beside its batches holds a table that the next batch needs.
new_database
try ct ingest dumps
lines=$(sql 'SELECT sum(lines) FROM calltally.source')
try test "$lines" -gt 8192
status 0 'more than two batches'
sql "CREATE FUNCTION public.stand() RETURNS trigger LANGUAGE plpgsql
	AS \$\$ BEGIN
		PERFORM pg_advisory_xact_lock_shared(80);
		RETURN NEW;
	END \$\$;
CREATE TRIGGER stand BEFORE UPDATE ON calltally.run FOR EACH ROW
	WHEN (NEW.command = 'refold' AND NEW.lines > 0) EXECUTE FUNCTION public.stand();
UPDATE calltally.call_event SET status = status || 'x'"
changed=$(sql "SELECT count(*) FROM calltally.call_event WHERE status <> ''")
shut_gate 80
start refold --json
until_at_gate 80
ask_alone call call_event credit_balance reject source run drift transcript
PGAPPNAME=alone psql -X -q "$CALLTALLY_DSN" -c 'VACUUM FULL calltally.call_event' >>"$tmp/.alone" 2>&1 &
until_waits call_event
open_gate 80
await_end
status 0 'a refold: it ends'
is "$(json "[d['lines'], d['events_changed']]")" "[$lines, $changed]" 'a refold: each line once'
got_alone 'a refold: they get them'
balanced 'a refold'
try ct verify dumps
status 0 'a refold: the database is what the files say'
rm -rf again
ct export --out again >/dev/null
same_csv want again 'a refold: the same CSV'
finish
