#!/bin/sh
# The numbers are right: the books of ingest equal the generator's, and every
# report equals the oracle's to the byte, in zones with half hours and with
# summer time, with and without a window.
# shellcheck source-path=SCRIPTDIR
# shellcheck source=tap.sh
. "${0%/*}/tap.sh"
oracle=$here/../oracle/oracle.py

# compare DUMPS NAME [EXPORT-OPTION...]: export as the oracle does
compare() {
	dumps=$1 name=$2
	shift 2
	rm -rf got want
	try ct export --out got "$@"
	status 0 "$name: export"
	try python3 "$oracle" --out want --ties ties "$@" "$dumps"
	status 0 "$name: oracle"
	is "$(cat ties)" "" "$name: no cell hangs on a hash"
	for f in want/*.csv; do
		try cmp "$f" "got/$(basename "$f")"
		status 0 "$name: $(basename "$f")"
	done
}

for case in \
	"1 --transcripts --late 50" \
	"2 --garbage 30 --repeat 100 --respace 100 --envelope 200 --late 100 --shuffle"
do
	seed=${case%% *}
	dumps=dumps$seed
	# shellcheck disable=SC2086 # options are words
	"$GEN" --out "$dumps" --calls 1500 --days 40 --truth --seed $case >/dev/null || exit 70
	new_database
	try ct ingest --json "$dumps"
	for what in files lines events duplicates rejected ignored calls; do
		is "$(json "d['$what']")" \
			"$(sed "s/.*\"$what\": \\([0-9]*\\).*/\\1/" "$dumps/truth/counts.json")" \
			"seed $seed: $what"
	done
	for tz in UTC Asia/Kolkata America/New_York; do
		compare "$dumps" "seed $seed, $tz" --tz "$tz"
	done
	compare "$dumps" "seed $seed, over the change to summer time" \
		--tz America/New_York --from 2026-03-07 --to 2026-03-09
	compare "$dumps" "seed $seed, plain" --plain
done
finish
