#!/bin/sh
# Two at once: one writer at a time, whatever the two are; who reads is never in
# the way; a second one that may wait comes after the first, and nothing is
# counted twice.
# shellcheck source-path=SCRIPTDIR source=server.sh
. "${0%/*}/server.sh"
# shellcheck source-path=SCRIPTDIR source=tap.sh
. "${0%/*}/tap.sh"
# shellcheck source-path=SCRIPTDIR source=sample.sh
. "$here/sample.sh"
# shellcheck source-path=SCRIPTDIR source=books.sh
. "$here/books.sh"

mkdir dumps
sample_dump >dumps/m.jsonl
sample_dispatch >dumps/d.jsonl
printf 'provider,assistant_id,name\nmiraiminds,a1,One\n' >list.csv
writers='ingest dumps
map list.csv
refold --stored
rejects replay
pull --archive archive2 --since 2026-01-01
run dumps --out out2 --archive archive2'
readers='export --out out
status
show call_1
rejects list
verify dumps'

new_database
ct ingest dumps >/dev/null
gate run INSERT
while IFS= read -r first; do
	hold
	# shellcheck disable=SC2086
	# shellcheck disable=SC2046
	ct $(printf %s "$first" | sed 's/out2/out3/; s/archive2/archive3/g') >out.first 2>&1 </dev/null &
	pid=$!
	at_gate
	{ printf '%s\n' "$writers"; echo init; echo 'init --roles'; } >seconds
	while IFS= read -r second; do
		# shellcheck disable=SC2086
		try ct $second --wait 0 </dev/null
		status 75 "$first, then $second: try again later"
		like "$err" 'another writer has the lock: server process [0-9]+, .calltally., connected since' \
		    "$first, then $second: who has it is told"
	done <seconds
	printf '%s\n' "$readers" >seconds
	while IFS= read -r second; do
		# shellcheck disable=SC2086
		try ct $second </dev/null
		status 0 "$first, then $second: who reads does not wait"
	done <seconds
	release
	wait "$pid"
	like $? '^[03]$' "$first: is not disturbed"
done <<END
$writers
END
sql 'DROP TRIGGER gate ON calltally.run'
balanced 'one after the other'

# Who may wait comes after, and finds the work done.
new_database
ct init >/dev/null
gate call_event INSERT
hold
ct ingest dumps --json >first 2>&1 &
one=$!
at_gate
ct ingest dumps --json --wait 60 >second 2>&1 &
two=$!
ct export --out early >/dev/null
is "$(wc -l <early/calls.csv | tr -d ' ')" 1 'who reads meanwhile sees nothing that is not committed'
sleep 0.3
release
wait "$one"
is $? 3 'the first ingest'
wait "$two"
is $? 0 'the second waited'
out=$(cat second)
is "$(json 'd["files"], d["files_unchanged"], d["lines"]')" '[0, 2, 0]' 'and had nothing left to do'
balanced 'the same files by two at once'

# Exports publish one after the other, each with a number of its own.
gate publication INSERT
hold
ct export --out one >/dev/null 2>&1 &
one=$!
at_gate
ct export --out two >/dev/null 2>&1 &
two=$!
until_true "SELECT count(*) > 0 FROM pg_locks WHERE locktype = 'advisory' AND objid <> 7 AND NOT granted"
release
wait "$one"
is $? 0 'an export'
wait "$two"
is $? 0 'and one that came while it published'
same_csv one two 'say the same'
is "$(sql "SELECT string_agg(publication::text || state, ' ' ORDER BY publication) FROM calltally.publication")" \
    '1stated 2stated 3stated' 'and are on record one after the other'
is "$(wc -l <two/restatements.csv | tr -d ' ')" 1 'neither restates the other'

# Two into the same folder: the files are those of one, whole.
ct export --out same >/dev/null 2>&1 & one=$!
ct export --out same >/dev/null 2>&1 & two=$!
wait "$one"; a=$?
wait "$two"; b=$?
is "$a$b" 00 'two exports into one folder'
try python3 -c '
import hashlib, json
for f in json.load(open("same/manifest.json"))["files"]:
    assert hashlib.sha256(open("same/" + f["name"], "rb").read()).hexdigest() == f["sha256"], f'
status 0 'the manifest is that of the files'

finish
