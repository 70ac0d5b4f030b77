#!/bin/sh
# Any order, any number of times, any cut: the CSV is the same to the byte.
# shellcheck source-path=SCRIPTDIR
# shellcheck source=tap.sh
. "${0%/*}/tap.sh"
# shellcheck source=books.sh
. "$here/books.sh"

"$GEN" --out dumps --calls 1200 --days 20 --seed 9 --late 100 --repeat 50 \
	--envelope 100 --garbage 5 >/dev/null || exit 70

# load NAME INGEST-ARGUMENT...: into a database of its own, and export
load() {
	name=$1
	shift
	new_database
	try ct ingest --json "$@"
	status 3 "$name: loaded, with rejects"
	is "$(json "d['calls']")" 1200 "$name: each call counted once"
	ct export --out "$name" >/dev/null
}

load first dumps
balanced first
events=$(json "d['events']")

# shellcheck disable=SC2046 # one argument a file
load backwards $(find dumps -name '*.gz' | sort -r)
same_csv first backwards "backwards: the same CSV"

# The lines of all files: some lack the last newline, some begin with a BOM.
for f in dumps/*.gz; do
	# shellcheck disable=SC1003 # a backslash for sed
	zcat "$f" | sed -e '1s/^\xef\xbb\xbf//' -e '$a\'
done >all.jsonl
mkdir cut
shuf --random-source=/dev/zero all.jsonl |
	split -l 700 - cut/part- --additional-suffix=.jsonl
load shuffled cut
is "$(json "d['events']")" "$events" "shuffled and cut: as many events"
same_csv first shuffled "shuffled and cut: the same CSV"
balanced "shuffled and cut"

load batches --memory 16M --jobs 3 cut
same_csv first batches "small batches, three decoders: the same CSV"

cat all.jsonl all.jsonl | gzip >twice.jsonl.gz
load twice twice.jsonl.gz
is "$(json "d['events']")" "$events" "every line twice: as many events"
same_csv first twice "every line twice: the same CSV"

new_database
# shellcheck disable=SC2016 # the inner shell expands
try sh -c '"$CALLTALLY" ingest --json - <all.jsonl'
is "$(json "d['events']")" "$events" "standard input: as many events"
try ct ingest --json dumps
is "$(json "d['events']")" 0 "then the files: nothing new"
is "$(json "d['duplicates'] + d['rejected'] + d['ignored']")" \
	"$(json "d['lines']")" "then the files: every event known"
try ct ingest --json dumps
status 0 "once more: nothing rejected"
is "$(json "d['lines']")" 0 "once more: no lines"
is "$(json "d['files_unchanged']")" \
	"$(find dumps -name '*.gz' | wc -l | tr -d ' ')" "once more: all unchanged"
ct export --out again >/dev/null
same_csv first again "once more: the same CSV"
finish
