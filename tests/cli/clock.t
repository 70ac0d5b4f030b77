#!/bin/bash
# A wall clock that steps back, or ran ahead for a night: no number hangs on it,
# nothing waits for it longer than a day.
# shellcheck source-path=SCRIPTDIR source=tap.sh
. "${0%/*}/tap.sh"
# shellcheck source-path=SCRIPTDIR source=books.sh
. "$here/books.sh"
# shellcheck source-path=SCRIPTDIR source=simulator.sh
. "$here/simulator.sh"

: "${B:?is to be the folder of the build}"
wrong=$here/../../$B/clock.so
[ -e "$wrong" ] || { skip 'a wrong clock' "make $B/clock.so"; finish; }
hour=3600
year=$((365 * 86400))

# at CLOCK COMMAND...: with a clock that is wrong so; a program under ASan wants to be told of it.
at() {
	clock=$1
	shift
	ASAN_OPTIONS=verify_asan_link_order=0 LD_PRELOAD=$wrong CLOCK=$clock "$CALLTALLY" "$@"
}

"$GEN" --out dumps --calls 300 --days 3 --late 100 --repeat 100 >/dev/null || exit 1
rm -rf dumps/lists
new_database
ct ingest dumps >/dev/null
ct export --out want >/dev/null

new_database
for step in "3:-$hour" "6:-$year" "4:$year"; do
	try at "$step" ingest --json dumps
	like "$status" '^[03]$' "ingest while the clock steps ($step)"
	sql 'UPDATE calltally.source SET finished = false, done_bytes = 0, done_hash = NULL, lines = 0, events = 0,
		duplicates = 0, rejected = 0, ignored = 0; DELETE FROM calltally.reject'
done
new_database
at "5:-$year" ingest dumps >/dev/null
balanced 'a clock that stepped back'
ct export --out got.csv >/dev/null
same_csv want got.csv 'and the CSV is the same to the byte'
try at "0:-$year" status
status 0 'runs of the future can be told'

# Publications come in their order, whatever the clock says.
at "0:$hour" export --out one >/dev/null
sql "UPDATE calltally.call SET duration_ms = duration_ms + 1000 WHERE call_key = (SELECT min(call_key::text)::uuid
	FROM calltally.call WHERE duration_ms > 0)"
try at "0:-$hour" export --out two
status 0 'an export an hour before the one before it'
is "$(sql 'SELECT count(*), max(publication) FROM calltally.publication')" '3|3' 'is the next one'
like "$(wc -l <two/restatements.csv)" '^ *([2-9]|[1-9][0-9])$' 'and tells what it restates'

# A night in the future, in which nothing answered, and then the right time again.
sim --make 12 --seed 3 --lose 40 --dump dump.jsonl
new_database
ct ingest dump.jsonl >/dev/null
sim_stop
at "0:$year" pull --archive archive --since 2020-01-01 --attempts 1 --rate 100000 >/dev/null 2>&1
is "$(sql 'SELECT count(*) > 0 FROM calltally.pull_call WHERE next_try_at > now() + $$300 days$$ OR asked_at > now()')" t \
    'a pull of the future was in vain'
sim --make 12 --seed 3 --lose 40 --dump dump2.jsonl
try timeout 60 "$CALLTALLY" pull --json --archive archive --since 2020-01-01 --rate 100000
status 0 'the next pull is not kept waiting by it'
is "$(json 'd["answered"] > 0 and d["left"] == 0')" true 'and asks for all'

finish
