#!/bin/sh
# What was said in calls stays out of the database unless --transcripts lets it in.
# shellcheck source-path=SCRIPTDIR source=tap.sh
. "${0%/*}/tap.sh"
: "${GEN:?is to be the path of the generator of dumps}"

# count NEEDLE: how many lines of all that the database holds have it
count() { pg_dump --inserts "$CALLTALLY_DSN" | grep -c -e "$1"; }

# ---- the words of three messages, one of them wrapped, one a list, and of a rejected one ----

python3 - >said.jsonl <<'END'
import base64, json
def whippy(n, body, **more):
    return {"event": "call.ended", "request_id": "r%d" % n, "created_at": "2026-03-01T09:3%d:00Z" % n, "data": {
        "id": "w1", "to": "+919876543210", "direction": "outbound", "created_at": "2026-03-01T09:30:00Z",
        "delivery_status": "call_completed.agent_hangup", "body": body, **more}}
print(json.dumps(whippy(1, "Agent: Hello XYZZY-ONE\nUser: my number is 7011 223 344\x1b[31m")))
print(json.dumps({"isBase64Encoded": True, "body": base64.b64encode(json.dumps(
    whippy(2, "Agent: XYZZY-TWO \u202e\x00 end")).encode()).decode()}))
print(json.dumps({"fetched_at": "2026-03-02T00:00:00Z", "provider": "minivoice", "kind": "detail", "call_id": "v1",
    "body": {"data": {"call": {"id": "v1", "status": "completed"}, "transcription": {"full_text": "XYZZY-THREE"}}}}))
print(json.dumps({"fetched_at": "2026-03-02T00:00:00Z", "provider": "minivoice", "kind": "detail", "call_id": "v1",
    "body": {"data": {"full_text": "XYZZY-FOUR", "segments": [{"start_ms": 0, "text": "XYZZY-FOUR"}]}}}))
END
printf '{"odd":"XYZZY-BAD"}\n' >bad.jsonl

new_database
ct ingest said.jsonl >/dev/null
is "$(sql 'SELECT count(*) FROM calltally.call_event')" 4 'four events are stored'
is "$(count XYZZY)" 0 'and no word of what was said'
ct refold >/dev/null
is "$(count XYZZY)" 0 'nor after refold'
ct export --out out --plain >/dev/null
is "$(cat out/* | grep -c XYZZY)" 0 'nor is there any in the reports'
try ct show w1 --transcript
status 0 'show --transcript, where none is stored'
unlike "$out" 'XYZZY|^    \|' 'shows none'

# ---- taken from files that were loaded without ----

try ct refold --transcripts --json
status 0 'refold --transcripts'
is "$(json '[d["events_" + k] for k in ("changed", "added", "removed")]')" '[0, 0, 0]' 'changes no event'
is "$(sql 'SELECT count(*) FROM calltally.transcript')" 4 'and stores the transcripts'
try ct show w1 --transcript
like "$out" '^    \| Agent: Hello XYZZY-ONE$' 'show --transcript shows them line by line'
like "$out" '^    \| User: my number is \*{4} \*{3} \*44\\x1b\[31m$' 'numbers masked, the terminal unharmed'
like "$out" 'XYZZY-TWO .u202e. ?.* end$' 'also those that came wrapped'
try ct show w1 --transcript --phones full
like "$out" 'my number is 7011 223 344' '--phones full shows numbers'
try ct show v1 --transcript --json
is "$(json 'sorted(e.get("transcript") for e in d["calls"][0]["events"])')" '["XYZZY-FOUR", "XYZZY-THREE"]' \
    '--json tells them by their events'
try ct show w1
unlike "$out" 'XYZZY' 'show alone does not'
ct export --out out2 --plain >/dev/null
is "$(cat out2/*.csv | grep -c XYZZY)" 0 'no report has a word of them'
try diff -r -x manifest.json -x restatements.csv out out2
status 0 'and none is changed by them'
ct refold >/dev/null
is "$(sql 'SELECT count(*) FROM calltally.transcript')" 4 'refold without the option lets them be'
try ct refold --transcripts
is "$(sql 'SELECT count(*) FROM calltally.transcript')" 4 'and with it again adds nothing'

# ---- at once, and in any order ----

first=$(sql 'SELECT md5(string_agg(t::text, chr(10) ORDER BY call_key, identity)) FROM calltally.transcript t')
new_database
tac said.jsonl >other.jsonl
try ct ingest --transcripts other.jsonl said.jsonl
status 0 'ingest --transcripts, and the same lines again'
is "$(sql 'SELECT md5(string_agg(t::text, chr(10) ORDER BY call_key, identity)) FROM calltally.transcript t')" "$first" \
    'come to the same'
sql 'DELETE FROM calltally.transcript'
cat said.jsonl >third.jsonl
ct ingest --transcripts third.jsonl >/dev/null
is "$(sql 'SELECT count(*) FROM calltally.transcript')" 4 'events that were known get theirs, too'

new_database
try ct ingest --transcripts bad.jsonl
is "$(count XYZZY-BAD)" 0 'a rejected line is in no table as text'
is "$(sql "SELECT convert_from(raw, 'UTF8') FROM calltally.reject")" '{"odd":"XYZZY-BAD"}' 'but kept whole, with or without the option'

new_database
try ct run said.jsonl --out night --transcripts
status 0 'run --transcripts'
is "$(sql 'SELECT count(*) FROM calltally.transcript')" 4 'stores them, too'
try ct pull --transcripts --archive none
like "$status" '^[013]$' 'pull takes the option'

# ---- real dumps: nothing of thousands of bodies ----

new_database
"$GEN" --out dumps --calls 400 --days 5 --garbage 5 --envelope 200 --transcripts >/dev/null
ct ingest dumps >/dev/null
ct export --out plain --plain >/dev/null
is "$(count 'Agent: ')" 0 'generated dumps: no turn of any talk is stored'
ct refold --transcripts >/dev/null
like "$(sql "SELECT count(*) FROM calltally.transcript WHERE transcript LIKE '%Agent: %'")" '^[1-9][0-9]+$' 'though there are many'

# ---- a profile says where they are ----

mkdir profiles
cat >profiles/acme.json <<'END'
{"provider": "acme", "title": "Acme", "types": ["done"], "status": {"done": "completed"}, "shapes": [{
  "name": "hook", "kind": "webhook", "match": [{"at": "/acme", "is": "stated"}], "type": "/acme",
  "call_id": "/call", "status": "/state", "fields": {"transcript": "/turns"}}]}
END
try ct providers check profiles/acme.json
status 0 'providers check knows the field'
printf '{"acme":"done","call":"a1","state":"done","turns":[{"who":"agent","says":"XYZZY"}]}\n' >acme.jsonl
ct ingest --profiles profiles --transcripts acme.jsonl >/dev/null
is "$(sql "SELECT transcript FROM calltally.transcript WHERE transcript LIKE '%XYZZY%'")" \
    '[{"says":"XYZZY","who":"agent"}]' 'what is no text is kept as JSON'
sed -i 's/"transcript": /"transcripts": /' profiles/acme.json
try ct providers check profiles/acme.json
status 1 'and a misspelt one is an error'

finish
