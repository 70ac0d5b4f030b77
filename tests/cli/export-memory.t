#!/bin/sh
# An export takes the same memory of ten times as many calls: the first one,
# one that restates all of them, of changed days only, of a report in an order
# of its own, and of what was published then. ROWS chooses how many.
# shellcheck source-path=SCRIPTDIR source=tap.sh
. "${0%/*}/tap.sh"
# shellcheck source=peak.sh
. "$here/peak.sh"

rows=${ROWS:-200000}
mkdir own
cat >own/mine.sql <<'END'
-- Calls in an order of their own.
-- KEY: provider, call_id
-- day: local date
-- provider: who placed the call
-- call_id: its id
-- summary: what was said
SELECT day, provider, call_id, summary FROM window_call ORDER BY hashtext(call_id)
END

# calls N: a database of N calls of two days
calls() {
	new_database
	ct init >/dev/null
	sql "INSERT INTO calltally.call (call_key, day_at, started_at, events, has_summary,
		provider, outcome, call_id, run_id, months, summary)
	SELECT md5(i::text)::uuid, at, at, 1, true, 'p', 'completed', 'call_' || i,
		md5('')::uuid, '{}', repeat(md5(i::text), 8)
	FROM generate_series(1, $1) i,
		LATERAL (SELECT '2026-03-01'::timestamptz + i % 48 * interval '1 hour' AS at) t;
	ANALYZE"
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
