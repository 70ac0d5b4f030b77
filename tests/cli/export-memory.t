#!/bin/sh
# An export takes the same memory of ten times as many calls: the first one,
# one that restates all of them, of changed days only, of a report in an order
# of its own, and of what was published then. ROWS chooses how many.
# shellcheck source-path=SCRIPTDIR source=tap.sh
. "${0%/*}/tap.sh"
# shellcheck source=peak.sh
. "$here/peak.sh"
# shellcheck source=ordered.sh
. "$here/ordered.sh"

rows=${ROWS:-200000}
own_report summary

# calls N: a database of N calls of two days
calls() {
	new_database
	ct init >/dev/null
	fill_calls "$1" 8
	sql ANALYZE
}

# changed: something is other in all calls than it was stated
changed() { sql "UPDATE calltally.call SET status = coalesce(status, '') || 'x'"; }

# taken N NAME ARGUMENT...: notes the peak of an export as NAME
taken() {
	name=$2-$1
	shift 2
	peak "$CALLTALLY" export "$@" >"$name"
	is "$(cat peak.status)" 0 "$name MB: $(cat "$name")"
}

for n in $((rows / 10)) "$rows"; do
	calls "$n"
	taken "$n" first --out out --report calls,assistant_daily --plain
	changed
	taken "$n" restated --out again --report calls,assistant_daily --plain
	is "$(wc -l <again/restatements.csv)" "$((n + 1))" 'all calls are restated'
	changed
	taken "$n" changed --out days --report calls --plain --changed
	is "$(wc -l <days/calls.csv)" "$((n + 1))" 'and are of changed days'
	taken "$n" own --out own-order --reports own --report mine --plain
	taken "$n" past --out past --report mine --as-of "$(date -u +%F)"
	try cmp own-order/mine.csv past/mine.csv
	status 0 'an order of its own comes back'
done
for name in first restated changed own past; do
	few=$(cat "$name-$((rows / 10))") many=$(cat "$name-$rows")
	if grep -qs -e -fsanitize "${CALLTALLY%/*}/flags"; then
		skip "$name: $few and $many MB" 'a sanitizer takes memory of its own'
	else
		try test "$many" -lt $((few + 8))
		status 0 "$name: $few MB of $((rows / 10)) calls, $many of $rows"
	fi
done

finish
