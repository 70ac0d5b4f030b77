#!/bin/sh
# The export of one day out of 365 does not read the others: for each report
# and for restatements, the rows that the server touches are a small share.
# shellcheck source-path=SCRIPTDIR source=tap.sh
. "${0%/*}/tap.sh"

day=2025-07-01
calls=29200	# 80 a day
each=200	# rows that one look at a day may touch: its own and the hours beside it

# A year of calls, each with one event and one balance, in random order; the
# events come from a file that the ledger knows.
new_database
ct init >/dev/null
sql "
CREATE TEMP TABLE made AS
SELECT md5('call' || i)::uuid AS call_key, md5('event' || i)::uuid AS identity,
	i, '2025-01-01T00:00:00Z'::timestamptz + (i % 365) * interval '1 day'
		+ i % 86400 * interval '1 second' AS at
FROM generate_series(1, $calls) i;
INSERT INTO calltally.run (run_id, command, started_at, finished_at, state)
VALUES (md5('run')::uuid, 'ingest', '2026-01-01', '2026-01-01', 'done');
INSERT INTO calltally.source (source_id, name, finished, lines, events,
	first_run, last_run, first_read_at, last_read_at)
VALUES (1, '/year.jsonl', true, $calls, $calls, md5('run')::uuid,
	md5('run')::uuid, '2026-01-01', '2026-01-01');
INSERT INTO calltally.call_event (utc_day, time_stated, call_key, identity,
	event_time, source_id, line, kind, outcome)
SELECT (1305 + (date_part('doy', at)::int + 3) / 7)::smallint, true, call_key, identity,
	at, 1, i, 'webhook', 'completed'
FROM made ORDER BY identity;
INSERT INTO calltally.call (call_key, day_at, started_at, ended_at,
	first_event_at, last_event_at, events, duration_ms, credits_used_micro,
	has_summary, success, provider, outcome, assistant_id, campaign_id,
	workspace, call_id, run_id, utc_days, required_actions, insights, summary)
SELECT call_key, at, at, at, at, at, 1, 60000, 1000000, true, true,
	'miraiminds', 'completed', 'a' || i % 7, 'c' || i % 5, 'w' || i % 2,
	'call_' || i, md5('run')::uuid,
	ARRAY[(1305 + (date_part('doy', at)::int + 3) / 7)::smallint], '[\"call back\"]',
	'{\"mood\":\"good\"}', repeat('what was said ', 10)
FROM made ORDER BY call_key;
INSERT INTO calltally.credit_balance
SELECT call_key, identity, at, 5000000 FROM made ORDER BY call_key"

tables="'call', 'call_event', 'credit_balance', 'published'"
touched() {
	sql "SELECT relname || ' ' || seq_tup_read + coalesce(idx_tup_fetch, 0)
		FROM pg_stat_user_tables
		WHERE relname IN ($tables) ORDER BY relname"
}

# small LOOKS NAME COMMAND...: whether a command touches few rows of each table
small() {
	most=$(($1 * each)) name=$2
	shift 2
	touched >before
	try "$@"
	[ "$status" -eq 0 ] || { fail "$name" "$out" "$err"; return; }
	touched >after
	rows=$(join before after | awk -v most=$most \
		'$3 - $2 > most { print $1, $3 - $2, "rows, at most", most }')
	is "$rows" '' "$name"
}

each_report() {
	for report in assistant_daily campaign_daily assistant_campaign_daily \
	    assistant_total campaign_total calls insights attempts hourly \
	    credits_daily followups; do
		small 1 "$report of one day, $1" ct export --out day --report $report \
			--from $day --to $day
	done
}

each_report 'without statistics'
try ct export --out year
status 0 'the year is published'
is "$(sql "SELECT count(*) > 1000 FROM calltally.published GROUP BY series_id ORDER BY 1 DESC LIMIT 1")" t \
	'in more parts than are read at once'
published() { sql 'SELECT sum(cardinality(keys)) FROM calltally.published'; }
before=$(published)
try ct export --out same
is "$(published)" "$before" 'the same year puts no row on record'
is "$(wc -l <same/restatements.csv)" 1 'and restates nothing'
sql 'ANALYZE'
each_report 'published before, with statistics'
small 12 'all reports of one day' ct export --out day --from $day --to $day

# Two million calls, as far as the planner knows, are not sorted to be counted.
plan=$(sql "UPDATE pg_class SET reltuples = 2000000
	WHERE oid = 'calltally.call'::regclass;
SET work_mem = '32MB';
$(cat "$here/../../sql/query/set_hashing.sql");
EXPLAIN SELECT * FROM calltally.report_finest;
ANALYZE calltally.call")
like "$plan" 'HashAggregate' 'the finest groups of many calls are hashed'
unlike "$plan" 'Sort' 'and not sorted'

# A call of that day changes: its cells are restated, by way of its events.
sql "UPDATE calltally.call SET success = false, run_id = md5('late')::uuid
	WHERE call_id = (SELECT min(call_id) FROM calltally.call WHERE day_at::date = '$day');
INSERT INTO calltally.run (run_id, command, started_at, finished_at, state)
	VALUES (md5('late')::uuid, 'ingest', now(), now(), 'done');
UPDATE calltally.source SET last_read_at = now()"
small 16 'restatements of one day' ct export --out day --from $day --to $day
like "$(cat day/restatements.csv)" "assistant_daily.*not_succeeded.*year.jsonl" \
	'they are told, with their source'
small 1 'the day as it was published' ct export --out past --as-of "$(date -u +%F)"

# Days whose midnight is odd: twice there, left out, put back a minute after.
# Each has the calls whose local date it is, whatever the index was asked for.
new_database
ct init >/dev/null
sql "
INSERT INTO calltally.call (call_key, day_at, events, has_summary, provider,
	outcome, call_id, run_id, utc_days)
SELECT md5(i::text)::uuid, '2011-01-01T00:00:30Z'::timestamptz
	+ i * interval '30 minutes', 1, false, 'p', 'completed', i, md5('')::uuid, '{}'
FROM generate_series(0, 17519) i"
while read -r zone first last; do
	wrong=$(sql "SET TimeZone = '$zone'; SET search_path = calltally, pg_catalog;
		CREATE TEMP TABLE got (day date, calls bigint, want bigint);
		DO \$\$ DECLARE d date; BEGIN
			FOR d IN SELECT generate_series('$first'::date, '$last', '1 day')::date LOOP
				PERFORM set_config('calltally.from', d::text, false),
					set_config('calltally.to', d::text, false);
				EXECUTE 'INSERT INTO got SELECT ' || quote_literal(d) || ', count(*),
					(SELECT count(*) FROM call WHERE day_at::date = ' || quote_literal(d) || ')
					FROM window_call';
			END LOOP;
		END \$\$;
		SELECT * FROM got WHERE calls <> want OR want = 0 AND day <> '2011-12-30'")
	is "$wrong" '' "$zone from $first to $last"
done <<'END'
America/Havana 2011-03-19 2011-03-21
America/Havana 2011-11-12 2011-11-14
America/Sao_Paulo 2011-02-18 2011-02-21
America/Sao_Paulo 2011-10-14 2011-10-17
Asia/Gaza 2011-04-01 2011-04-03
Pacific/Apia 2011-12-28 2011-12-31
END

finish
