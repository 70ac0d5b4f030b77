#!/bin/sh
# calltally refold: after a profile changed, the database is what a fresh load would make it.
# shellcheck source-path=SCRIPTDIR source=tap.sh
. "${0%/*}/tap.sh"

: "${GEN:?is to be the path of the generator}"
"$GEN" --out dumps --calls 400 --days 5 --late 150 --repeat 200 --respace 80 \
    --envelope 100 --garbage 40 --shuffle >/dev/null || exit 1
mv dumps/lists lists

# profile FOLDER NAME PYTHON: a changed profile of that provider, p.
profile() {
	mkdir -p "$1"
	python3 -c '
import json, sys
p = json.load(open(sys.argv[1]))
exec(sys.argv[2])
json.dump(p, open(sys.argv[3], "w"))' \
	    "$here/../../lib/call/providers/$2.json" "$3" "$1/$2.json"
}

# exports FOLDER: of the database that is set, whole and in another zone.
exports() {
	ct export --out "$1" --tz Asia/Kolkata >/dev/null
	rm -f "$1/manifest.json" "$1/restatements.csv"	# they tell of exports before
}

# fresh FOLDER PROFILES: exports of a database that was loaded by these profiles.
fresh() {
	old_dsn=$CALLTALLY_DSN old_database=$database
	new_database
	ct ingest --profiles "$2" dumps >/dev/null
	printf 'provider,call_id,campaign_id\n%s,by-hand\n' "$key" >override.csv
	ct map override.csv >/dev/null
	exports "$1"
	CALLTALLY_DSN=$old_dsn database=$old_database
}

# turns NAME PROFILES [STATUS]: refold by these profiles gives what a fresh load
# gives, and says with 3 that lines are rejected now.
turns() {
	try ct verify --profiles "$2" dumps
	status 1 "$1: the database is not what the profile says"
	try ct refold --profiles "$2" --json
	status "${3:-0}" "$1: refold"
	is "$(json 'd["sources_out_of_reach"]')" 0 "$1: all files are in reach"
	first=$out
	try ct verify --profiles "$2" --json dumps
	is "$(json '{k: v for k, v in d["found"].items() if v > 0}')" '{}' "$1: equal to the archive"
	try ct refold --profiles "$2" --json
	is "$(json '[d[k] for k in ("events_changed", "events_added",
	    "events_removed", "rejects_added", "rejects_removed",
	    "calls_changed", "calls_added", "calls_removed")]')" \
	    '[0, 0, 0, 0, 0, 0, 0, 0]' "$1: again finds nothing to do"
	fresh fresh "$2"
	exports now
	is "$(diff -r fresh now 2>&1 | head -20)" '' "$1: reports are those of a fresh load"
	out=$first
	rm -rf fresh now
}

new_database
ct ingest dumps >/dev/null
key=$(sql 'SELECT provider, call_id FROM calltally.call ORDER BY call_key LIMIT 1' | tr '|' ,)
printf 'provider,call_id,campaign_id\n%s,by-hand\n' "$key" >override.csv
ct map override.csv >/dev/null
exports before
mkdir same

try ct refold
status 0 'refold by the same profiles'
like "$out" '^events +0 changed, 0 added, 0 removed$' 'changes no event'
like "$out" '^calls +400 folded again: 0 changed, 0 added, 0 removed$' 'and no call'
exports after
is "$(diff -r before after)" '' 'reports stay equal to the byte'
is "$(sql "SELECT command, state, lines = events + duplicates + rejected + ignored FROM calltally.run ORDER BY started_at DESC LIMIT 1")" \
    'refold|done|t' 'the run is recorded and its books balance'

profile status miraiminds 'p["status"]["busy"] = "failed"'
turns 'another outcome' status
is "$(json 'd["events_changed"] > 0 and d["events_added"] == 0')" true 'another outcome: events changed'
is "$(json '[d["call_fields"].get("outcome", 0) == d["calls_changed"], list(d["event_fields"])]')" \
    '[true, ["outcome"]]' 'another outcome: the fields are told'
turns 'and back' same
exports after
is "$(diff -r before after)" '' 'there and back again'

profile volatile whippy 'p["volatile"] = []'
turns 'identities that split' volatile
is "$(json 'd["identities_changed"] > 0')" true 'identities that split: counted'
turns 'identities that join' same
exports after
is "$(diff -r before after)" '' 'split and joined again'

profile none minivoice 'p["shapes"][0]["match"].append({"at": "/never", "is": "text"})'
turns 'a shape that is known no more' none 3
is "$(json 'd["events_removed"] > 0 and d["rejects_added"] > 0 and d["calls_removed"] > 0')" true \
    'a shape that is known no more: events become rejects, calls go'
is "$(sql "SELECT count(*) FROM calltally.source WHERE rejected <> (SELECT count(*) FROM calltally.reject r WHERE r.source_id = source.source_id)")" \
    0 'the books count the rejects'
is "$(sql "SELECT state, count(*) FROM calltally.run WHERE command = 'refold' AND state <> 'done' GROUP BY state")" \
    'partial|1' 'the run that rejected them is recorded as partial'
turns 'a shape that is known again' same
is "$(json 'd["rejects_removed"] > 0 and d["calls_added"] > 0')" true \
    'a shape that is known again: rejects become events, calls come'
exports after
is "$(diff -r before after)" '' 'gone and come again'

profile time whippy 'for s in p["shapes"]: s.pop("event_time", None); s["fields"].pop("started_at", None)'
turns 'no event times' time
turns 'event times' same
profile id minivoice 'p["shapes"][0]["call_id"] = "/call/application_id"'
turns 'another call id' id 3
turns 'the old call id' same
exports after
is "$(diff -r before after)" '' 'and all is as it was'

# cut off, then run again
profile status whippy 'p["status"] = {k: "failed" for k in p["status"]}'
for moment in 0.05 0.1 0.15 0.2 0.3; do
	"$CALLTALLY" refold --profiles status >/dev/null 2>&1 &
	pid=$!
	sleep $moment
	kill -9 $pid 2>/dev/null
	wait $pid 2>/dev/null
done
# The last one may have come to its end.
sql "UPDATE calltally.call SET status = NULL WHERE call_key = (SELECT min(call_key::text)::uuid FROM calltally.call)"
turns 'after runs that were cut off' status
ct refold --profiles same >/dev/null

# what is stored alone
victim=$(sql 'SELECT call_key FROM calltally.call WHERE summary IS NOT NULL ORDER BY call_key LIMIT 1')
sql "UPDATE calltally.call SET summary = NULL, has_summary = false, utc_days = '{}' WHERE call_key = '$victim'"
try ct refold --stored --json
is "$(json '[d["sources"], d["calls_changed"], d["call_fields"]]')" \
    '[0, 1, {"has_summary": 1, "summary": 1, "utc_days": 1}]' '--stored heals a call from its events'
exports after
is "$(diff -r before after)" '' 'whole'

# files out of reach
for gone in dumps/webhooks-*.gz; do break; done
mv "$gone" gone.gz
try ct refold --profiles status --json
is "$(json 'd["sources_out_of_reach"]')" 1 'a file that is gone is out of reach'
like "$err" "${gone#dumps/}: is not there any more; its events stay" 'and is told'
cp gone.gz "$gone"
try ct refold --profiles status --json
is "$(json '[d["sources_out_of_reach"], d["events_changed"] > 0]')" '[0, true]' 'when it is back its events follow'
printf '{}\n' >"$gone"
try ct refold --profiles same --json
like "$err" 'has changed since it was loaded' 'a file that changed is not taken'
mv gone.gz "$gone"

# an event that lies on another day
old_dsn=$CALLTALLY_DSN old_database=$database
new_database
mkdir night
printf '{"event":{"type":"end-of-call","data":{"call":{"id":"over","status":"completed","startedAt":"2026-03-01T23:59:00Z","endedAt":"2026-03-02T00:01:00Z"}}}}\n' >night/night.jsonl
ct ingest night >/dev/null
sed 's/endedAt/neverAt/g' "$here/../../lib/call/providers/miraiminds.json" >night/miraiminds.json
try ct refold --profiles night --json --from-archive night/night.jsonl
is "$(json '[d["events_changed"], d["calls_changed"], d["calls_added"], d["calls_removed"], d["call_fields"].get("utc_days")]')" \
    '[1, 1, 0, 0, 1]' 'another day: the call is found with its event'
CALLTALLY_DSN=$old_dsn database=$old_database

# options of all commands
dsn=$CALLTALLY_DSN
try ct refold --stored --dsn "$dsn" --no-progress
is "$err" '' 'no progress when refused'
try ct refold --progress --max-line 64M
status 0 'lines of any length'
psql -X -q "$CALLTALLY_DSN" -c "SELECT pg_advisory_lock(x'63616c6c74616c6c'::bigint)" -c 'SELECT pg_sleep(5)' >/dev/null 2>&1 &
sleep 0.5
try ct refold --stored --wait 0
status 75 'another writer is waited for, and no longer than --wait'
wait

# some files only
try ct refold --profiles same --from-archive "$gone" --json
is "$(json 'd["sources"]')" 1 '--from-archive reads only what is given'
usage 'PATH is missing' '--from-archive without a path' ct refold --from-archive
usage 'behind --from-archive' 'a path without --from-archive' ct refold dumps
usage 'exclude each other' 'two ways at once' ct refold --stored --from-archive dumps

finish
