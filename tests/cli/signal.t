#!/bin/sh
# A signal ends a run with the batch that is under way: exit 128 and its number,
# nothing half done, and the next run comes to the same bytes.
# shellcheck source-path=SCRIPTDIR source=server.sh
. "${0%/*}/server.sh"
# shellcheck source-path=SCRIPTDIR source=tap.sh
. "${0%/*}/tap.sh"
# shellcheck source-path=SCRIPTDIR source=books.sh
. "$here/books.sh"

: "${GEN:?is to be the path of the generator}"
"$GEN" --out dumps --calls 1800 --days 3 --late 100 --repeat 150 --garbage 30 --plain >/dev/null || exit 1
rm -rf dumps/lists
new_database
ct ingest dumps >/dev/null
ct export --out want >/dev/null

# A shell's background jobs ignore SIGINT, what nohup began SIGHUP, and calltally
# what was ignored.
heeding() {	# in the background
	exec python3 -c 'import os, signal, sys
signal.signal(signal.SIGINT, signal.SIG_DFL)
signal.signal(signal.SIGHUP, signal.SIG_DFL)
os.execv(sys.argv[1], sys.argv[1:])' "$@"
}

for case in TERM:143 INT:130 HUP:129; do
	sig=${case%:*}
	new_database
	ct init >/dev/null
	gate call_event INSERT 1
	hold
	heeding "$CALLTALLY" ingest --memory 16M --jobs 1 dumps >got 2>err &
	pid=$!
	at_gate
	kill -s $sig "$pid"
	sleep 0.2
	release
	wait "$pid"
	is $? "${case#*:}" "SIG$sig: exit status"
	like "$(tail -1 err)" '^calltally: stopped by signal' "SIG$sig: which is told"
	like "$(sql 'SELECT sum(lines) FROM calltally.run')" '^[1-9]' "SIG$sig: what was done is kept"
	is "$(sql 'SELECT state, message ~ $$^stopped by signal$$ FROM calltally.run')" 'failed|t' "SIG$sig: the run says so"
	balanced "SIG$sig"
	sql 'DROP TRIGGER gate ON calltally.call_event'
	ct ingest dumps >/dev/null
	ct export --out got.csv >/dev/null
	same_csv want got.csv "SIG$sig: the next run comes to the same bytes"
	rm -rf got.csv
done

# Somebody who stops to listen is told to us by the write; what was done stays done.
new_database
ct init >/dev/null
{ ct ingest --json dumps 2>err; echo $? >status; } | :
is "$(cat status)" 1 'nobody reads what is printed: a failure'
like "$(cat err)" 'standard output: Broken pipe' 'which is told'
balanced 'nobody reads'
ct export --out got.csv >/dev/null
same_csv want got.csv 'but the work is done'
{ ct show "$(sql 'SELECT call_id FROM calltally.call LIMIT 1')" 2>err; echo $? >status; } | head -1 >first
like "$(cat first)" . 'show | head'

finish
