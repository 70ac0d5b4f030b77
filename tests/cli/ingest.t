#!/bin/sh
# calltally init and ingest: counts, files, signals, exit statuses.
# shellcheck source-path=SCRIPTDIR source=tap.sh
. "${0%/*}/tap.sh"
# shellcheck source-path=SCRIPTDIR source=sample.sh
. "$here/sample.sh"

new_database
mkdir -p dumps/sub
sample_dump >dumps/m.jsonl
sample_dispatch | gzip >dumps/sub/d.ndjson.gz
echo garbage >dumps/notes.txt

try ct status
status 1 'an empty database is refused for reading'
like "$err" 'run calltally init' 'and says what to do'
try ct init
status 0 'init'
like "$out" ': [0-9]+ steps? of the schema applied$' 'init tells its steps'
try ct init --json
is "$(json 'd["steps"]')" 0 'init again does nothing'
is "$(json 'd["private"]')" false 'init --json tells whose database it is'
try ct init
like "$out" ': up to date$' 'init says that there was nothing to do'

try ct ingest dumps
status 3 'rejected lines make exit status 3'
like "$out" '^lines +9 = 5 new \+ 1 duplicate \+ 2 rejected \+ 1 ignored$' 'the books are told'
like "$out" '^files +2 read; ' 'files are told'
like "$out" '^rejected +not_json 1, no_shape 1 ' 'reasons are told'
like "$out" '^calls +2 ' 'calls are told'
like "$out" '^warning +statuses that .*: 2$' 'unknown statuses are told'
is "$err" '' 'no progress where there is no terminal'
try ct ingest dumps --json
status 0 'a second run finds nothing new'
is "$(json 'd["files"], d["files_unchanged"], d["lines"]')" '[0, 2, 0]' 'unchanged files are not read'

new_database
try ct ingest dumps --json
status 3 'ingest makes the tables itself'
is "$(json '[d[k] for k in ("files", "files_unchanged", "files_unfinished",
    "files_failed", "lines", "events", "duplicates", "rejected", "ignored",
    "calls")]')" '[2, 0, 0, 0, 9, 5, 1, 2, 1, 2]' '--json: counts'
is "$(json 'd["rejects"]')" '{"no_shape": 1, "not_json": 1}' '--json: rejects by reason'
is "$(json 'd["warnings"]')" '{"unknown_statuses": 2, "unknown_types": 2}' '--json: warnings'
like "$(json 'd["run_id"]')" '^[0-9a-f]{8}-[0-9a-f-]{27}$' '--json: run_id'
is "$(json 'd["bytes"] > 500 and d["seconds"] > 0')" true '--json: bytes and seconds'
is "$(printf '%s' "$out" | wc -l)" 0 '--json is one line'

new_database
sample_dump >one
try ct ingest --json - <one
is "$(json 'd["lines"], d["files"]')" '[8, 1]' '"-" is standard input'
try ct ingest --json one ./one "$tmp/one"
is "$(json 'd["files"], d["events"], d["duplicates"]')" '[1, 0, 5]' 'a file given twice is read once'
try ct ingest --json dumps/notes.txt
is "$(json 'd["rejected"]')" 1 'a file may have any name when it is given itself'

# Options of ingest.
new_database
{ sample_dump; printf '{"a":"%04096d"}\n' 0; } >long
try ct ingest --json --max-line 4K --memory 64MiB --jobs 1 long
status 3 'ingest with --max-line, --memory and --jobs'
is "$(json 'd["rejects"]')" '{"no_shape": 1, "not_json": 1, "too_long": 1}' '--max-line makes longer lines rejects'
{ cat one; printf '{"a":"%0200000d"}\n' 0; } >longer
try ct ingest --json --max-line 4K longer
is "$(json 'd["bytes"]')" "$(wc -c <longer)" '--json: bytes are those of the lines, kept or not'
try ct ingest --jobs=4 --memory=268435456 long --no-progress
status 0 'sizes in bytes'
try ct ingest --progress one
status 3 'ingest --progress'
like "$(ct ingest -h)" 'default: 128M' 'defaults are told'

# Progress on a terminal: drawn over again, gone at the end.
if script -qec true /dev/null </dev/null >/dev/null 2>&1; then
	mkfifo pipe
	draw() {
		{ sleep 0.7; sample_dump; } >pipe &
		script -qec "stty cols $1; '$CALLTALLY' ingest pipe; '$CALLTALLY' ingest --no-progress one" \
		    typescript </dev/null >/dev/null 2>&1
		wait
		tr '\r' '\n' <typescript >drawn
	}
	export TERM=xterm
	draw 80
	like "$(cat drawn)" '^ingest  0\.0 MB  0 lines  0 lines/s' 'progress on a terminal'
	is "$(grep -c 'left' drawn)" 0 'no time left is told without a size'
	like "$(grep 'MB' drawn | tail -n 1)" '^.*files' 'the line of progress is removed'
	draw 20
	like "$(cat drawn)" '^ingest  0\.0 MB.\[K$' 'a narrow terminal gets what fits'
	unlike "$(grep '^ingest' drawn)" 'lines' 'and no line that would wrap'
	export TERM=dumb
	draw 80
	unlike "$(cat drawn)" "$(printf '\033')" 'a dumb terminal gets no escape sequences'
else
	skip 'progress on a terminal' 'no script(1)'
fi

# A plain line every five seconds where it was asked for.
{ sleep 5.5; sample_dump; } | { ct ingest --progress - >/dev/null 2>progress; }
like "$(cat progress)" '^calltally: ingest  0\.0 MB  0 lines  0 lines/s$' '--progress without a terminal'
unlike "$(cat progress)" "$(printf '\033')" 'no escape sequences without a terminal'

# Damage and failure.
new_database
sample_dump | gzip >whole.gz
head -c 300 whole.gz >cut.gz
try ct ingest cut.gz --json
status 3 'a truncated file makes exit status 3'
is "$(json 'd["files_unfinished"]')" 1 'a truncated file is unfinished'
like "$err" '^calltally: cut\.gz: ' 'the damage is told once, with its place'
try ct ingest nothing-here
status 1 'a missing file is a failure'
like "$err" '^calltally: nothing-here: cannot open: No such file or directory$' 'a missing file is named'
mkdir some
ln -s nowhere some/dead.jsonl
sample_dump | sed 's/call_1/call_dead/' >some/good.jsonl
try ct ingest some --json
status 1 'a dead link is a failure'
is "$(json '[d["files"], d["files_failed"], d["events"] > 0]')" '[1, 1, true]' 'and keeps no other file from being loaded'
printf 'x' >"$(printf 'odd\033[31m\342\200\256name.jsonl')"
try ct ingest "$(printf 'odd\033[31m\342\200\256name.jsonl')x"
like "$err" 'odd.x1b\[31m.u202ename\.jsonlx: ' 'control and bidi characters of names are made visible'

# One writer at a time.
new_database
ct init >/dev/null
mkfifo hold
ct ingest - <hold >/dev/null 2>&1 &
pid=$!
exec 3>hold
i=0
while [ "$(sql "SELECT count(*) FROM pg_locks l JOIN pg_database d ON d.oid = l.database
    WHERE d.datname = current_database() AND l.locktype = 'advisory'")" = 0 ] &&
    [ $i -lt 100 ]; do sleep 0.1; i=$((i + 1)); done
sample_dump >other
try ct ingest --wait 0 other
status 75 'a second writer may try again later'
like "$err" '^calltally: .*(lock|writ)' 'and is told why'
try ct init --wait=0
status 75 'init waits for it as well'
try ct map --wait 0 other
status 75 'and map'
try ct rejects replay --wait 0
status 75 'and rejects replay'
try ct status
status 0 'readers do not wait'

# A signal ends it cleanly; the second one would end it at once.
sample_dump >&3
kill -TERM $pid
exec 3>&-
wait $pid
is $? 143 'SIGTERM: 128 and its number'
try ct ingest --wait 5 other --json
status 3 'the lock is free again'
is "$(json 'd["events"] + d["duplicates"]')" 5 'nothing was lost'

# A run that waits for its input ends all the same: at once for the second
# signal, after a time of grace for the first.
for times in 2 1; do
	ct ingest - <hold >/dev/null 2>&1 &
	pid=$!
	exec 3>hold
	sleep 0.5
	i=0
	while [ $i -lt $times ]; do kill -TERM $pid; sleep 0.2; i=$((i + 1)); done
	wait $pid
	is $? 143 "a run that waits ends after $times of SIGTERM"
	exec 3>&-
done 2>/dev/null

finish
