#!/bin/sh
# calltally verify: equal when nothing was touched; every damage is found, with its place.
# shellcheck source-path=SCRIPTDIR source=tap.sh
. "${0%/*}/tap.sh"

: "${GEN:?is to be the path of the generator}"
"$GEN" --out dumps --calls 300 --days 5 --late 150 --repeat 150 --respace 80 \
    --envelope 100 --garbage 40 --shuffle >/dev/null || exit 1
dumps=$(pwd)/dumps

new_database
ct ingest dumps >/dev/null
cp -r dumps/lists lists
key=$(sql 'SELECT provider, call_id FROM calltally.call ORDER BY call_key LIMIT 1' | tr '|' ,)
printf 'provider,call_id,campaign_id\n%s,by-hand\n' "$key" >override.csv
ct map override.csv >/dev/null
for l in lists/*.csv; do ct map "$l" >/dev/null; done
psql -X -q "$CALLTALLY_TEST_DSN" -c "ALTER DATABASE $database SET jit = off"
template=$database

# heal: a fresh copy of the good database.
copies=0
heal() {
	copies=$((copies + 1))
	database=${template}_$copies
	admin -c "CREATE DATABASE $database TEMPLATE $template" || exit 1
	databases="$databases $database"
	CALLTALLY_DSN="$CALLTALLY_TEST_DSN dbname=$database"
}

# found KIND NUMBER NAME: verify tells so many of that kind.
found() {
	try ct verify --json --limit 1000 dumps
	status 1 "$3: exit 1"
	is "$(json "d['found']['$1']")" "$2" "$3: $1"
}

try ct verify dumps
status 0 'what was loaded is equal'
like "$out" '^equal$' 'and verify says so'
is "$err" '' 'without a word on standard error'
try ct verify --json dumps
is "$(json 'd["equal"], d["differences"], d["findings"]')" '[true, 0, []]' 'also in JSON'
is "$(json 'd["stored_events"], d["stored_calls"], d["stored_balances"]')" \
    "[$(sql 'SELECT (SELECT count(*) FROM calltally.call_event) || $$, $$ || (SELECT count(*) FROM calltally.call) || $$, $$ || (SELECT count(*) FROM calltally.credit_balance)')]" \
    'all events, calls and balances were looked at'
is "$(json 'd["elsewhere"]')" 1 'the override of a list is from elsewhere'
try ct verify --memory 16M dumps
status 0 'equal with little memory'
try ct verify --progress --dsn "$CALLTALLY_DSN" dumps
status 0 'a database that is named'
try ct verify --no-progress dumps
is "$err" '' 'and is not when refused'
try ct verify --max-line 1K --json dumps
is "$(json 'd["found"]["event_extra"] > 0')" true 'by another cap of a line, lines are others'

# (a) events
heal
victim=$(sql "SELECT identity FROM calltally.call_event WHERE summary IS NOT NULL ORDER BY identity LIMIT 1")
place=$(sql "SELECT s.name || ':' || e.line FROM calltally.call_event e JOIN calltally.source s USING (source_id) WHERE identity = '$victim'")
sql "UPDATE calltally.call_event SET summary = 'forged', success = NOT success WHERE identity = '$victim'"
found event_different 1 'a changed event'
is "$(json '[f["stored_file"] + ":" + str(f["stored_line"]) for f in d["findings"] if f.get("part") == "summary"][0]')" \
    "$place" 'with its place'
is "$(json '[f["stored"] for f in d["findings"] if f.get("part") == "summary"][0]')" forged 'and the stored value'
is "$(json 'd["found"]["call_different"]')" 0 'the call itself is what the archive makes it'

heal
sql "DELETE FROM calltally.call_event WHERE identity = '$victim'"
found event_missing 1 'a removed event'
is "$(json '[f["file"] + ":" + str(f["line"]) for f in d["findings"] if f["kind"] == "event_missing"][0].count("dumps/")')" 1 'with a place of the archive'

heal
sql "INSERT INTO calltally.call_event (utc_day, time_stated, call_key, identity,
	event_time, source_id, line, kind, outcome, status)
    SELECT utc_day, time_stated, call_key, gen_random_uuid(), event_time,
	source_id, line, kind, outcome, status
    FROM calltally.call_event WHERE identity = '$victim'"
found event_extra 1 'an event that no file tells'

heal
sql "UPDATE calltally.call_event SET line = line + 100000 WHERE identity = '$victim'"
found event_misplaced 1 'an event with a wrong line'

heal
sql "UPDATE calltally.call_event SET event_time = event_time + interval '1 second'
    WHERE identity = '$victim'"
found event_different 1 'an event with a wrong time'
is "$(json '[f["part"] for f in d["findings"] if f["kind"] == "event_different"]')" '["event_time"]' 'and nothing else'

heal
sql "UPDATE calltally.call_event SET kind = 'rumour' WHERE identity = '$victim'"
try ct verify dumps
status 1 'an event in unknown words ends it'
like "$err" 'call .* of .*: an event is stored in words' 'and its call is told'

# (b) calls
heal
call=$(sql "SELECT call_key FROM calltally.call_event WHERE identity = '$victim'")
sql "UPDATE calltally.call SET outcome = 'busy', duration_ms = 1, first_event_at = NULL,
	has_summary = false, utc_days = '{7}', day_at = '2001-01-01'
    WHERE call_key = '$call'"
found call_different 1 'a changed call'
is "$(json 'sorted(f["part"] for f in d["findings"])')" \
    '["day_at", "duration", "first_event_at", "has_summary", "outcome", "utc_days"]' 'each part is told'
is "$(json '[f["file"].count("dumps/") for f in d["findings"] if f["part"] == "outcome"]')" '[1]' 'with the place that decides it'
try ct verify dumps
like "$out" '^    outcome: stored "busy", should be "' 'people are told both values'
like "$out" '^different +1 call_different$' 'and how many'

heal
sql "DELETE FROM calltally.call WHERE call_key = '$call'"
found call_missing 1 'a removed call'

heal
sql "INSERT INTO calltally.call (call_key, events, has_summary, provider, outcome, call_id, run_id, utc_days)
    VALUES (gen_random_uuid(), 0, false, 'nobody', 'other', 'ghost', gen_random_uuid(), '{}')"
found call_extra 1 'a call that nothing speaks of'

# (c) balances
heal
sql "DELETE FROM calltally.credit_balance WHERE identity = (SELECT min(identity::text)::uuid FROM calltally.credit_balance)"
found balance_missing 1 'a removed balance'
heal
sql "UPDATE calltally.credit_balance SET available_micro = available_micro + 1 WHERE identity = (SELECT min(identity::text)::uuid FROM calltally.credit_balance)"
found balance_different 1 'a changed balance'
heal
sql "UPDATE calltally.credit_balance SET utc_day = utc_day + 1 WHERE identity = (SELECT min(identity::text)::uuid FROM calltally.credit_balance)"
found balance_different 1 'a balance that lies on another day'
heal
sql "INSERT INTO calltally.credit_balance SELECT call_key, gen_random_uuid(), event_time, 1, utc_day FROM calltally.credit_balance LIMIT 1"
found balance_extra 1 'a balance that nobody stated'

# files
heal
for file in "$dumps"/webhooks-*.gz; do break; done
sql "UPDATE calltally.source SET lines = lines + 1, ignored = ignored + 1 WHERE name = '$file'"
found file_different 1 'a line that the ledger counts and the file has not'
heal
cp "$file" dumps/copy.jsonl.gz
found file_unknown 1 'a file that was never loaded'
rm dumps/copy.jsonl.gz

# a part of the archive
heal
try ct verify --json "$file"
status 0 'one file of many is equal'
is "$(json 'd["elsewhere"] > 0')" true 'the rest is from elsewhere'
sql "DELETE FROM calltally.call_event WHERE identity IN (
    SELECT identity FROM calltally.call_event JOIN calltally.source s USING (source_id)
    WHERE s.name = '$file' AND kind = 'webhook' LIMIT 3)"
try ct verify --json "$file"
is "$(json 'd["found"]["event_missing"]')" 3 'what it lacks is found by that file alone'

# phone numbers, escapes, errors
heal
sql "UPDATE calltally.call SET to_number = '+15551234567', summary = E'\\x1b[2Jcall 5551234567' WHERE call_key = '$call'"
try ct verify dumps
unlike "$out" '5551234567' 'phone numbers are masked'
unlike "$out" "$(printf '\033')" 'no escape sequence reaches the terminal'
try ct verify --phones full dumps
like "$out" '\+15551234567' '--phones full shows them'
try ct verify --limit 1 dumps
like "$out" 'findings are not shown' '--limit tells what it hides'
try ct verify -
status 2 'standard input is no archive'
try ct verify nowhere
status 1 'a file that is not there is an error'
try ct verify
status 2 'a path is asked for'

finish
