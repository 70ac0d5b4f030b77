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
rejects=$(sql 'SELECT sum(rejected) FROM calltally.source')

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

# sources NAME WANT: files and lines of the ledger, the books, the rejects
sources() {
	is "$(sql "SELECT count(*), bool_and(finished), sum(lines), sum(rejected)
		FROM calltally.source")" "$2" "$1: sources, finished, lines, rejects"
	balanced "$1"
}

# A file that is read in the middle of its last line, by any cut of the line.
zcat "$whole" | head -n 3 >three.jsonl
two=$(head -n 2 three.jsonl | wc -c)
all=$(wc -c <three.jsonl)
new_database
for cut in $((two + 1)) $((two + 40)) $((all - 2)) $((all - 1)); do
	head -c "$cut" three.jsonl >half.jsonl
	try ct ingest --json half.jsonl
done
status 0 "a last line that lacks only its end: an event"
sources "half a line, thrice, then all but its end" '1|t|3|0'
cp three.jsonl half.jsonl
try ct ingest --json half.jsonl
is "$(json "[d['lines'], d['files_unchanged']]")" '[0, 1]' "its end alone: no line"
zcat "$whole" | sed -n '4,5p' >>half.jsonl
try ct ingest --json half.jsonl
is "$(json "d['lines']")" 2 "lines behind it: they alone"
unlike "$err" changed "a file that grows has not changed"
sources "grown by its end and two lines" '1|t|5|0'

head -c $((two + 40)) three.jsonl >half.jsonl
try ct ingest --json half.jsonl
status 3 "half a line: a reject"
like "$err" 'half\.jsonl: changed' "a file that has lost lines is said to have changed"
is "$(sql "SELECT line, reason FROM calltally.reject")" '3|not_json' "half a line: kept"
printf 'and no JSON\n' >>half.jsonl
try ct ingest --json half.jsonl
is "$(json "[d['lines'], d['rejected']]")" '[1, 1]' "half a line that ends as no JSON: a reject"
like "$(sql "SELECT convert_from(raw, 'UTF8') FROM calltally.reject")" 'and no JSON$' \
	"the reject is the whole line"
balanced "half a line that ends as no JSON"

# A gzip file that is being written: cut before its first line, then in lines.
new_database
size=$(stat -c %s "$whole")
for cut in 1 9 20 $((size / 3)) $((size / 2)) "$size"; do
	head -c "$cut" "$whole" >growing.jsonl.gz
	try ct ingest --json growing.jsonl.gz
done
sources "a gzip file that grows" "1|t|$total|$rejects"

# Compressed, compressed anew, unpacked: the same lines under the same name.
gzip -dc growing.jsonl.gz >growing.jsonl && rm growing.jsonl.gz
for how in unpacked 'gzip -1' 'gzip -9' unpacked; do
	case $how in
	unpacked) [ ! -e growing.jsonl.gz ] || gzip -d growing.jsonl.gz ;;
	*) zcat -f growing.jsonl* | $how >new && rm growing.jsonl* && mv new growing.jsonl.gz ;;
	esac
	try ct ingest --json .
	status 3 "$how: the folder" # of other files
	try ct ingest --json growing.jsonl*
	is "$(json "[d['files'], d['files_unchanged'], d['lines']]")" '[0, 1, 0]' \
		"$how: known"
done
is "$(sql "SELECT count(*) FROM calltally.source WHERE name LIKE '%/growing.jsonl%'")" 1 \
	"compressed, compressed anew, unpacked: one source"

# A file that begins otherwise than what was read is not gone on with.
new_database
head -c $((size / 2)) "$whole" >cut.jsonl.gz
ct ingest cut.jsonl.gz >/dev/null 2>&1
zcat "$whole" | sed '2s/"/ "/' | gzip >cut.jsonl.gz
try ct ingest --json cut.jsonl.gz
is "$(json "d['lines']")" "$total" "one byte more in the second line: read from its start"
like "$err" 'cut\.jsonl\.gz: changed' "one byte more in the second line: said"

# Beginnings of one file, of which none knows of the others.
new_database
for i in 1 2 3 4 5 6; do
	head -c $((size * i / 7)) "$whole" >"begin-$i.jsonl.gz"
done
ct ingest begin-*.jsonl.gz >/dev/null 2>&1
rm begin-*
longest=$(sql "SELECT max(lines) FROM calltally.source")
try ct ingest --json "$whole"
is "$(json "d['lines']")" $((total - longest)) "the longest of six beginnings is gone on with"
is "$(sql "SELECT lines FROM calltally.source WHERE finished")" "$total" \
	"the longest of six beginnings is finished"
balanced "six beginnings"
finish
