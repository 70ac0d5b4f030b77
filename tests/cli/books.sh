# shellcheck shell=sh
# To be sourced behind tap.sh: the books of the current database.

# balanced NAME: three tests.
balanced() {
	is "$(sql "SELECT count(*) FROM calltally.source
		WHERE lines <> events + duplicates + rejected + ignored")" 0 \
		"$1: the books balance"
	is "$(sql "SELECT count(*) FROM calltally.call_event WHERE kind <> 'override'")" \
		"$(sql "SELECT coalesce(sum(events), 0) FROM calltally.source")" \
		"$1: the events are the ledger's"
	is "$(sql "SELECT count(*) FROM calltally.reject")" \
		"$(sql "SELECT coalesce(sum(rejected), 0) FROM calltally.source")" \
		"$1: the rejects are the ledger's"
}

# same_csv FOLDER FOLDER NAME: one test. Manifests tell the ledger, restatements
# what was exported before; both may differ.
same_csv() {
	try diff -rq -x manifest.json -x restatements.csv "$1" "$2"
	status 0 "$3"
}
