#!/bin/sh
# Interrupted anywhere, then run to the end: the CSV is the same to the byte
# and the books balance. Damaged and growing files add exactly the rest.
# shellcheck source-path=SCRIPTDIR
# shellcheck source=tap.sh
. "${0%/*}/tap.sh"
# shellcheck source=books.sh
. "$here/books.sh"

"$GEN" --out dumps --calls 20000 --days 20 --files 3 --seed 4 --transcripts \
	--garbage 5 --repeat 20 >/dev/null || exit 70

new_database
try ct ingest --json dumps
lines=$(json "d['lines']")
ct export --out first >/dev/null
balanced "in one go"

# start: an ingest in small batches, in the background; its process in $pid
start() {
	new_database
	ct init >/dev/null
	"$CALLTALLY" ingest --memory 16M dumps >/dev/null 2>&1 &
	pid=$!
}

# go_on NAME: the next run ends, and nothing is lost or doubled. It sees no
# reject when the first run had seen them all.
go_on() {
	try ct ingest --memory 16M --json dumps
	# shellcheck disable=SC2154 # set by try
	like "$status" '^[03]$' "$1: the next run ends"
	balanced "$1"
	is "$(sql 'SELECT sum(lines) FROM calltally.source')" "$lines" \
		"$1: every line is in the books once"
	rm -rf again
	ct export --out again >/dev/null
	same_csv first again "$1: the same CSV"
}

struck=0
for ms in 020 040 060 090 130 180 240 310 400 600; do
	start
	sleep "0.$ms"
	kill -9 "$pid" 2>/dev/null && struck=$((struck + 1))
	wait "$pid" 2>/dev/null
	go_on "killed after $ms ms"
done
try test "$struck" -ge 4
status 0 "the kill struck a running ingest ($struck times of 10)"

start
sleep 0.1
kill -TERM "$pid"
wait "$pid"
is $? 143 "SIGTERM: exit status"
balanced "SIGTERM"
go_on "SIGTERM"

# A truncated dump, then the whole one under another name.
whole=$(find dumps -name 'webhooks-*.gz' | sort | head -n 1)
total=$(zcat "$whole" | wc -l | tr -d ' ')
new_database
head -c $(($(stat -c %s "$whole") / 2)) "$whole" >cut.jsonl.gz
try ct ingest --json cut.jsonl.gz
status 3 "a truncated member: done in part"
part=$(json "d['lines']")
is "$(json "d['files_unfinished']")" 1 "a truncated member: unfinished"
like "$err" 'cut\.jsonl\.gz' "a truncated member: named"
try test "$part" -gt 100
status 0 "a truncated member: its whole lines were loaded ($part)"
try ct ingest --json cut.jsonl.gz
status 3 "a truncated member again: still unfinished"
is "$(json "d['lines']")" 0 "a truncated member again: nothing new"
try ct ingest --json "$whole"
is "$(json "d['lines']")" $((total - part)) "the whole file adds only the rest"
is "$(sql 'SELECT count(*), bool_and(finished), sum(lines) FROM calltally.source')" \
	"1|t|$total" "the whole file: one source, finished"
balanced "truncated, then whole"

# A plain file that grows; and one that changes under its name.
new_database
zcat "$whole" | head -n 500 >grows.jsonl
ct ingest grows.jsonl >/dev/null
zcat "$whole" | head -n 900 >grows.jsonl
try ct ingest --json grows.jsonl
is "$(json "d['lines']")" 400 "a file that has grown adds only its new lines"
zcat "$whole" | sed -n '901,1000p' >grows.jsonl
try ct ingest --json grows.jsonl
is "$(json "d['lines']")" 100 "a file that was replaced is read whole"
like "$err" 'grows\.jsonl: changed' "a file that was replaced is said to have changed"
balanced "grown and replaced"
finish
