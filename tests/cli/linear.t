#!/bin/sh
# Four times as many calls, assistants and campaigns are four times the work of
# each report and of a whole export, restatements included: counted are the rows
# that each step of each plan gives on or throws away, which are the same on
# every machine. A report reads the calls once.
# shellcheck source-path=SCRIPTDIR source=tap.sh
. "${0%/*}/tap.sh"

calls=1500

# calls N: a database of N calls of 20 days, 15 of each assistant, 30 of each
# campaign; each with a duration, an insight and a required action.
calls() {
	new_database
	ct init >/dev/null
	sql "INSERT INTO calltally.call (call_key, day_at, started_at, events, has_summary,
		provider, outcome, call_id, run_id, utc_days, duration_ms, success,
		assistant_id, campaign_id, reattempts, insights, required_actions)
	SELECT md5(i::text)::uuid, at, at, 1, true, 'miraiminds', 'completed', 'call_' || i,
		md5('')::uuid, '{}', 1000 + i % 977, i % 3 = 0,
		'a' || i % ($1 / 15), 'c' || i % ($1 / 30), i % 4, '{\"mood\":\"good\"}', '[\"call\"]'
	FROM generate_series(1, $1) i,
		LATERAL (SELECT '2026-03-01'::timestamptz + i % 20 * interval '1 day' AS at) t;
	INSERT INTO calltally.credit_balance
	SELECT call_key, md5(call_id)::uuid, day_at, 5 FROM calltally.call;
	INSERT INTO calltally.assistant (provider, assistant_id, name)
	SELECT 'miraiminds', 'a' || i, 'A' FROM generate_series(0, $1 / 15) i;
	INSERT INTO calltally.campaign (provider, campaign_id, name)
	SELECT 'miraiminds', 'c' || i, 'C' FROM generate_series(0, $1 / 30) i;
	ANALYZE"
}

# Adds up plans in JSON on standard input, one behind the other with a blank
# line between them: "ROWS SCANS", the rows of all steps, and how often the
# calls are read.
cat >add.py <<'END'
import json, sys

rows = scans = 0
def add(node):
    global rows, scans
    loops = node.get("Actual Loops", 0)	# of what was only explained there is none
    each = sum(v for k, v in node.items() if k == "Actual Rows" or k.startswith("Rows Removed"))
    rows += each * loops
    scans += loops * (node.get("Relation Name") == "call")
    for child in node.get("Plans", []):
        add(child)

for plan in sys.stdin.read().split("\n\n"):
    if plan.strip():
        plan = json.loads(plan)
        add((plan[0] if isinstance(plan, list) else plan)["Plan"])
print(rows, scans)
END

# work REPORT: of its plan, as an export asks for it
work() {
	{ echo 'BEGIN; SET search_path = calltally, pg_catalog; SET max_parallel_workers_per_gather = 0;'
	  cat "$here/../../sql/query/set_hashing.sql"; echo '\g /dev/null'
	  echo 'EXPLAIN (ANALYZE, TIMING OFF, FORMAT JSON)'
	  cat "$here/../../sql/report/$1.sql"; } >explain.sql
	psql -X -q -At -v ON_ERROR_STOP=1 "$CALLTALLY_DSN" -f explain.sql | python3 add.py
}

# exporting FOLDER: of all statements of an export, which the server's log tells
log=${CALLTALLY_TEST_DSN#host=}
log=${log%% *}/log
exporting() {
	at=$(wc -c <"$log")
	ct export --out "$1" >/dev/null
	tail -c "+$((at + 1))" "$log" | awk '/^\t/ { if (plan) print; next }
		{ plan = / plan:$/; print "" }' | python3 add.py
}

reports='assistant_daily campaign_daily assistant_campaign_daily assistant_total
campaign_total calls insights attempts hourly credits_daily followups'
for n in $calls $((4 * calls)); do
	calls $n
	for report in $reports; do
		work "$report" >"$report-$n"
	done
	sql "ALTER DATABASE $database SET session_preload_libraries = auto_explain;
		ALTER DATABASE $database SET auto_explain.log_min_duration = 0;
		ALTER DATABASE $database SET auto_explain.log_analyze = on;
		ALTER DATABASE $database SET auto_explain.log_timing = off;
		ALTER DATABASE $database SET auto_explain.log_format = json"
	exporting "first-$n" >"export-$n"
	sql "UPDATE calltally.call SET success = NOT success"
	exporting "next-$n" >"restating-$n"
	is "$(wc -l <"next-$n/restatements.csv" | awk -v n="$n" '{ print ($1 > n) }')" 1 "$n calls are restated"
done
for what in export restating; do
	read -r few _ <"$what-$calls"
	read -r many _ <"$what-$((4 * calls))"
	try test $((many * 10)) -le $((few * 45)) -a "$few" -ge $((calls * 10))
	status 0 "$what, all statements: $few rows of $calls calls, $many of $((4 * calls))"
done
for report in $reports; do
	read -r few _ <"$report-$calls"
	read -r many scans <"$report-$((4 * calls))"
	try test $((many * 10)) -le $((few * 45)) -a "$few" -ge $calls
	status 0 "$report: $few rows of $calls calls, $many of $((4 * calls))"
	is "$scans" "$([ "$report" = credits_daily ] && echo 2 || echo 1)" "$report reads the calls once"
done
finish
