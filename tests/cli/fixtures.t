#!/bin/sh
# Each folder of fixtures/ gives the counts and the CSV files that it holds:
# in one run, and backwards, with a run for each file.
# shellcheck source-path=SCRIPTDIR source=tap.sh
. "${0%/*}/tap.sh"

new_database

# Every load begins with nothing; to drop the schema is quicker than the database.
forget() {
	PGOPTIONS='-c client_min_messages=warning' \
		sql 'DROP SCHEMA IF EXISTS calltally CASCADE' || exit 70
}

first_bytes() { head -c "$2" "$1" | od -An -tx1 | tr -d ' \n'; }

# Copies the dumps of a case into a folder, the lines of plain ones in reverse.
# shellcheck disable=SC1003 # sed ends the last line so
turn_round() {
	mkdir "$2"
	for f in "$1"/*.jsonl "$1"/*.jsonl.gz; do
		[ -e "$f" ] || continue
		if [ "$(first_bytes "$f" 2)" = 1f8b ]; then
			cp "$f" "$2"
		else
			LC_ALL=C sed '1s/^\xef\xbb\xbf//' "$f" |
				LC_ALL=C sed -e '$a\' | tac >"$2/${f##*/}"
		fi
	done
}

# The arguments that a case has for a command, as words.
args() { if [ -e "$case/$1.args" ]; then cat "$case/$1.args"; fi; }

# at_once FOLDER: the dumps, in the order of their names
at_once() {
	# shellcheck disable=SC2046 # arguments are words
	try ct ingest --json $(args ingest) "$1"/*.jsonl*
}

# one_by_one FOLDER: the last first, a run for each; $out and $status are the
# sum of all, but that calls are those there are at the end
one_by_one() {
	worst=0
	: >told
	for f in $(find "$1" -type f | LC_ALL=C sort -r); do
		# shellcheck disable=SC2046 # arguments are words
		try ct ingest --json $(args ingest) "$f"
		[ "$status" -le "$worst" ] || worst=$status
		cat .out >>told
	done
	status=$worst
	out=$(python3 -c '
import collections, json, sys
runs = [json.loads(line) for line in open("told")]
def total(of):
    n = collections.Counter()
    for run in runs:
        n.update({k: v for k, v in of(run).items() if type(v) is int})
    return n
json.dump(dict(total(lambda d: d), calls=int(sys.argv[1]),
    rejects=total(lambda d: d["rejects"]), warnings=total(lambda d: d["warnings"])), sys.stdout)
' "$(sql 'SELECT count(*) FROM calltally.call')")
}

# The lists of the case, in order; fails the test that is named when one is refused.
map() {
	for f in "$case"/list*.csv; do
		[ -e "$f" ] || continue
		try ct map "$f"
		status 0 "$1: ${f##*/}"
	done
}

# counted NAME: what the last try said, against counts.json
counted() {
	want=$(cat "$case/expected/counts.json")
	is "$(json "{k: d.get(k) for k in $want} == $want and $status == \
		(3 if d['rejected'] + d['files_unfinished'] > 0 else 0) or \
		[d, $status]")" true "$1: counts and exit status"
}

# exported NAME: each report, against expected/
exported() {
	dialect=--plain reports=
	for f in "$case"/expected/*.csv; do
		report=${f##*/}
		reports=$reports${reports:+,}${report%.csv}
		[ "$(first_bytes "$f" 3)" != efbbbf ] || dialect=
	done
	rm -rf out
	# shellcheck disable=SC2046,SC2086 # arguments are words
	try ct export --out out $dialect --report "$reports" $(args export)
	status 0 "$1: export"
	try diff -ru -x counts.json -x manifest.json "$case/expected" out
	status 0 "$1: $reports"
}

for case in "$fixtures"/*/; do
	case=${case%/}
	name=${case##*/}

	forget
	at_once "$case"
	counted "$name"
	map "$name"
	exported "$name"

	turn_round "$case" "$name"
	forget
	map "$name, backwards"
	one_by_one "$name"
	counted "$name, backwards"
	exported "$name, backwards"
done

# shellcheck disable=SC2016 # these are no shell's backquotes
is "$(sed -n 's/^| `\([^`]*\)` |.*/\1/p' "$fixtures/README.md" | sort)" \
	"$(find "$fixtures" -mindepth 1 -maxdepth 1 -type d -printf '%f\n' | sort)" \
	"README.md tells of every case, and of no other"
finish
