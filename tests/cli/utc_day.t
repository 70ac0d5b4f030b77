#!/bin/sh
# Steps 13 and 14 of the schema, where there are events already: each lies in the
# day in which one that is loaded now lies, so that it is known when it comes
# again, and so does the balance that it stated.
# shellcheck source-path=SCRIPTDIR
# shellcheck source=tap.sh
. "${0%/*}/tap.sh"

# call ID MEMBERS: a webhook of MiraiMinds.
call() {
	printf '{"event":{"type":"call.completed","data":{"call":{"id":"%s","status":"completed"%s}}}}\n' "$1" "$2"
}

# balance ID MEMBERS AMOUNT: one that states what is left, beside its call.
balance() {
	printf '{"event":{"type":"call.completed","data":{"call":{"id":"%s","status":"completed"%s},"credits":{"available":%s}}}}\n' \
		"$1" "$2" "$3"
}

# received TIME LINE: the same in an envelope.
received() {
	printf '{"received_at":"%s","body":%s}\n' "$1" "$2"
}

{
	call ends ',"startedAt":"2026-02-06T23:59:59Z","endedAt":"2026-02-07T00:10:00Z"'
	call ends ',"startedAt":"2026-02-06T23:59:59Z"'
	call ends ',"endedAt":"2026-02-13T23:59:59.999999Z"'
	received 2026-03-05T10:00:00Z "$(call starts ',"startedAt":"2026-02-06T23:59:59Z","endedAt":"soon"')"
	received 2026-03-05T10:00:00Z "$(call receipt '')"
	call never ''
	call first ',"endedAt":"2000-01-01T00:00:00Z"'
	call last ',"endedAt":"2100-01-01T00:00:00Z"'
	call last ',"endedAt":"2089-09-16T00:00:00Z"'
	call before ',"endedAt":"2089-09-15T23:59:59Z"'
	call long ',"endedAt":"2026-01-01T00:00:00Z"'
	call long ',"endedAt":"2026-03-01T00:00:00Z"'
	balance ends ',"endedAt":"2026-02-07T00:10:00Z"' 7
	balance never '' 8
	received 2026-03-05T10:00:00Z "$(balance receipt '' 9)"
} >day.jsonl
cat >list.csv <<-'CSV'
	provider,call_id,assistant_id,campaign_id
	miraiminds,ends,asst_1,
CSV

rows() {
	sql "SELECT utc_day, time_stated, call_key, identity, event_time, line, kind
		FROM calltally.call_event ORDER BY call_key, identity" &&
		sql "SELECT call_id, utc_days, events FROM calltally.call ORDER BY call_id" &&
		sql "SELECT utc_day, call_key, identity, event_time, available_micro
			FROM calltally.credit_balance ORDER BY call_key, identity"
}

new_database
try ct ingest day.jsonl
status 0 'loaded'
try ct map list.csv
status 0 'with an override'
want=$(rows)
is "$(sql "SELECT count(DISTINCT utc_day) FROM calltally.call_event")" 10 'there are days of all kinds'
is "$(sql "SELECT count(DISTINCT utc_day), count(*) FROM calltally.credit_balance")" '2|3' 'so there are of balances'

# as the twelve steps before had it
sql "ALTER TABLE calltally.credit_balance DROP COLUMN utc_day;
	ALTER TABLE calltally.credit_balance ADD PRIMARY KEY (call_key, identity);
	ALTER TABLE calltally.call_event DROP CONSTRAINT call_event_pkey;
	ALTER TABLE calltally.call_event RENAME COLUMN utc_day TO month;
	UPDATE calltally.call_event e SET month = CASE WHEN month <= 0 THEN month
		ELSE (date_part('year', at) - 2000) * 12 + date_part('month', at) END
	FROM (SELECT ctid AS place, coalesce(CASE WHEN time_stated THEN event_time END,
		started_at, ended_at) AT TIME ZONE 'UTC' AS at FROM calltally.call_event) t
	WHERE t.place = e.ctid;
	ALTER TABLE calltally.call_event ADD PRIMARY KEY (month, call_key, identity);
	ALTER TABLE calltally.call RENAME COLUMN utc_days TO months;
	ALTER VIEW calltally.window_call RENAME COLUMN utc_days TO months;
	UPDATE calltally.call c SET months = e.months
	FROM (SELECT call_key, array_agg(DISTINCT month ORDER BY month) AS months
		FROM calltally.call_event WHERE month >= 0 GROUP BY call_key) e
	WHERE e.call_key = c.call_key;
	DELETE FROM calltally.migration WHERE number >= 13"
is "$(sql "SELECT count(DISTINCT month) FROM calltally.call_event")" 8 'it is an older database'
is "$(sql "SELECT months FROM calltally.call WHERE call_id = 'long'")" '{313,315}' 'with months'

try ct init --json
status 0 'the schema is brought up to date'
is "$(json 'd["steps"] >= 1')" true 'by steps'
is "$(rows)" "$want" 'all lies as if it had been loaded so'
try ct verify day.jsonl
status 0 'the books and the fold agree'

cp day.jsonl again.jsonl
echo >>again.jsonl
try ct ingest --json again.jsonl
status 0 'loaded under another name'
is "$(json 'd["events"], d["duplicates"], d["ignored"]')" '[0, 15, 1]' 'all was known'

received 2026-03-05T09:00:00Z "$(balance receipt '' 9)" >earlier.jsonl
try ct ingest earlier.jsonl
status 0 'a receipt that was earlier is loaded'
is "$(sql "SELECT event_time AT TIME ZONE 'UTC' FROM calltally.credit_balance WHERE available_micro = 9000000")" \
	'2026-03-05 09:00:00' 'and moves the balance'
finish
