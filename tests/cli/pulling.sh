# shellcheck shell=bash disable=SC2154,SC2016,SC2120
# pulling: what the tests of pull share; sourced behind tap.sh and simulator.sh.

# Loads a dump of the simulator into a new database, with an empty archive.
load() {
	new_database
	rm -rf "$tmp/archive"
	ct ingest "$@" >/dev/null || [ $? -eq 3 ] || exit 1
}

# A pull with nothing in its way but what the test puts there.
pull() {
	try ct pull --json --archive "$tmp/archive" --since 2026-01-01 "$@"
}

fast() { pull --rate 100000 "$@"; }

# killed SECONDS [OPTION...]: a fast pull that is killed then; false when it was done before.
killed() {
	seconds=$1
	shift
	(timeout -s KILL "$seconds" "$CALLTALLY" pull --archive "$tmp/archive" \
	    --since 2026-01-01 --rate 100000 "$@" >/dev/null 2>&1; [ $? -eq 137 ]) 2>/dev/null
}

# The state as calls.csv tells it, wherever the simulator listened.
csv() {
	rm -rf "$tmp/out"
	ct export --out "$tmp/out" --plain >/dev/null || exit 1
	cat "$tmp"/out/*.csv | sed 's/127\.0\.0\.[0-9]*:[0-9]*/HOST/g'
}

# same_csv REFERENCE NAME
same_csv() {
	csv >"$tmp/got.csv"
	if cmp -s "$1" "$tmp/got.csv"; then pass "$2"; else
		fail "$2" "$(diff "$1" "$tmp/got.csv" | cut -c1-300 | head -8)"
	fi
}
