#!/bin/sh
# Each folder of fixtures/ gives the counts and the CSV files that it holds,
# as it stands and backwards.
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
turn_round() {
	mkdir "$2"
	for f in "$1"/*.jsonl "$1"/*.jsonl.gz; do
		[ -e "$f" ] || continue
		if [ "$(first_bytes "$f" 2)" = 1f8b ]; then
			cp "$f" "$2"
		else
			LC_ALL=C sed '1s/^\xef\xbb\xbf//' "$f" |
				LC_ALL=C sed '$a\' | tac >"$2/${f##*/}"
		fi
	done
}

# The arguments that a case has for a command, as words.
args() { if [ -e "$case/$1.args" ]; then cat "$case/$1.args"; fi; }

# load FOLDER LS-OPTION: the dumps, in the order of their names or backwards
load() {
	# shellcheck disable=SC2046,SC2012 # no name of a fixture has a blank
	try ct ingest --json $(args ingest) $(ls "$2" "$1"/*.jsonl* | cat)
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
	trouble=$(json "3 if d['rejected'] + d['files_unfinished'] > 0 else 0")
	is "$status" "$trouble" "$1: exit status"
	is "$(json "{k: d.get(k) for k in $want}")" "$(json "$want")" "$1: counts"
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
	for f in "$case"/expected/*.csv; do
		try diff -u "$f" "out/${f##*/}"
		status 0 "$1: ${f##*/}"
	done
}

for case in "$fixtures"/*/; do
	case=${case%/}
	name=${case##*/}

	forget
	load "$case" -1
	counted "$name"
	map "$name"
	exported "$name"

	turn_round "$case" "$name"
	forget
	map "$name, backwards"
	load "$name" -1r
	counted "$name, backwards"
	exported "$name, backwards"
done

is "$(sed -n 's/^| `\([^`]*\)` |.*/\1/p' "$fixtures/README.md" | sort)" \
	"$(cd "$fixtures" && ls -d -- */ | tr -d / | sort)" \
	"README.md tells of every case, and of no other"
finish
