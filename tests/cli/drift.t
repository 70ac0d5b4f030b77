#!/bin/sh
# Drift: what the profiles have never heard of is told with its first place,
# and forgotten when they learn it; numbers in the wrong unit are suspected.
# shellcheck source-path=SCRIPTDIR source=tap.sh
. "${0%/*}/tap.sh"

news() { json '[(d["kind"], d["name"], d["lines"], d["first_file"].split("/")[-1], d["first_line"]) for d in d["drift"]]'; }

new_database
ct ingest "$fixtures/seed-samples" "$fixtures/whippy-2023" "$fixtures/details" >/dev/null
try ct status --json
is "$(json 'd["drift"]')" '[]' 'the published samples of the three providers hold no news'

new_database
cat >a.jsonl <<'END'
{"event":"call.created","created_at":"2026-03-01T09:00:00Z","call":{"id":"c1","status":"queued"},"variables":{"any":1},"data":{}}
{"event":"call.completed","created_at":"2026-03-01T09:05:00Z","call":{"id":"c1","status":"completed","caller_mood":"fine"},"variables":{},"data":{}}
{"event":"call.parked","created_at":"2026-03-01T09:06:00Z","call":{"id":"c2","status":"parked","caller_mood":"cross"},"variables":{},"data":{}}
END
cp a.jsonl b.jsonl
try ct ingest --json a.jsonl
is "$(json 'd["drift_new"], d["drift_left_out"]')" '[3, 0]' 'ingest --json counts what is new'
try ct ingest b.jsonl
unlike "$out" '^news' 'a copy brings no news'
try ct status --json
is "$(news)" '[["member", "/call/caller_mood", 4, "a.jsonl", 2], ["status", "parked", 2, "a.jsonl", 3], ["type", "call.parked", 2, "a.jsonl", 3]]' \
    'members, types and statuses with their first place, copies counted'
is "$(json '[(d["provider"], d["shape"], d["first_event_at"]) for d in d["drift"]][0]')" \
    '["minivoice", "webhook", "2026-03-01T09:05:00Z"]' 'and the time of the event'
is "$(json '[(s["status"], s["calls"], s["first_line"]) for s in d["unknown_statuses"]]')" \
    '[["parked", 1, 3]]' 'a status on which a call stands has its place'
try ct status
like "$out" '^  minivoice  webhook  member  /call/caller_mood +4  2026-03-01 09:05:00  .*/a\.jsonl:2$' 'people read the same'

mkdir profiles
ct providers show minivoice | sed 's|"/call/customer_id",|"/call/customer_id", "/call/caller_mood",|' >profiles/minivoice.json
try ct status --json --profiles profiles
is "$(json 'd["drift_is_full"]')" false 'which are not at their cap'
is "$(json '[d["kind"] for d in d["drift"]]')" '["status", "type"]' 'a profile that learnt a member is not told of it'
is "$(sql 'SELECT count(*) FROM calltally.drift')" 3 'status writes nothing'
ct ingest a.jsonl --profiles profiles >/dev/null
is "$(sql 'SELECT count(*) FROM calltally.drift')" 2 'the next run forgets it'
ct refold >/dev/null
try ct providers check "$(ls profiles/*.json)" a.jsonl
like "$out" '^    not known +type call\.parked$' 'providers check tells the news of a sample'
try ct providers check profiles/minivoice.json a.jsonl --json
is "$(json 'd["lines"][2]["not_known"]')" '[{"kind": "type", "name": "call.parked"}, {"kind": "status", "name": "parked"}]' \
    'and --json too'

# A line that is understood after a fix is replayed: its news come then.
new_database
ct ingest a.jsonl >/dev/null
printf '%s\n' '{"acme":1,"call":{"id":"x"},"odd":2}' >r.jsonl
ct ingest r.jsonl >/dev/null
cat >profiles/acme.json <<'END'
{"provider":"acme","title":"Acme","types":[],"status":{},"shapes":[{"name":"hook","kind":"webhook",
"match":[{"at":"/acme","is":"stated"}],"call_id":"/call/id","fields":{}}]}
END
ct rejects replay --profiles profiles >/dev/null
try ct status --json --profiles profiles
is "$(news)" '[["member", "/odd", 1, "r.jsonl", 1], ["status", "parked", 1, "a.jsonl", 3], ["type", "call.parked", 1, "a.jsonl", 3]]' \
    'rejects replay tells the news of its lines'

# Names are the senders'.
new_database
python3 - <<'END'
import json
def line(n, extra):
    return json.dumps({"event": "call.created", "created_at": "2026-03-01T09:00:00Z",
        "call": {"id": f"c{n}"}, "variables": {}, "data": {}, **extra}) + "\n"
with open("hostile0.jsonl", "w") as f:
    f.write(line(0, {"\x1b[2J\u202e\n\0x": 1}))
    f.write(line(1, {"long" * 100000: 1}))
for n in range(2, 52):
    with open(f"hostile{n}.jsonl", "w") as f:
        f.write(line(n, {f"k{n}_{i}": 1 for i in range(200)}))
END
try ct ingest --json hostile*.jsonl
status 0 'ten thousand names'
is "$(json 'd["drift_new"], d["drift_left_out"]')" '[200, 9802]' 'are kept up to a cap, and the rest counted'
is "$(sql 'SELECT count(*), max(length(name)) <= 200 FROM calltally.drift')" '200|t' 'in rows that are bounded'
try ct status
unlike "$out" "$(printf '\033')|$(printf '\342\200\256')" 'nothing harms the terminal'
like "$out" '^  of some there are 200, as many as are kept' 'the cap is told when it is reached'
like "$out" 'member  /.x1b\[2J.u202e.n.* 1 ' 'what could is made visible'
try ct status --json
is "$(json 'len(d["drift"]), d["drift_is_full"]')" '[200, true]' 'and --json is JSON'

# Units: ten calls a day of ten seconds; on the last day milliseconds come as seconds.
new_database
python3 - <<'END'
import json
def day(d, length, credits):
    for i in range(10):
        yield {"event": {"type": "call.completed", "data": {"call": {"id": f"c{d}-{i}", "status": "completed",
            "startedAt": f"2026-03-0{d}T10:0{i}:00Z", "endedAt": f"2026-03-0{d}T10:0{i}:1{i % 3}Z",
            "durationSeconds": length + i % 3}, "credits": {"used": credits}}}}
with open("units.jsonl", "w") as f:
    for e in [*day(1, 10, 1.5), *day(2, 10, 1.5), *day(3, 10000, 1500)]:
        f.write(json.dumps(e) + "\n")
END
ct ingest units.jsonl >/dev/null
ct export --out before --plain >/dev/null
try ct status --json
is "$(json '[(s["day"], s["rule"], s["calls"], round(s["factor"]), s["line"]) for s in d["unit_suspicions"]]')" \
    '[["2026-03-03", "credits against the day before", 10, 1000, 21], ["2026-03-03", "duration against the day before", 10, 920, 21], ["2026-03-03", "duration against times", 10, 920, 21]]' \
    'a unit that changed is suspected, by three rules, with an example'
try ct status
like "$out" '^  miraiminds  2026-03-03  duration against times +10 .*/units\.jsonl:21$' 'people read the same'
ct export --out after --plain >/dev/null
try cmp before/calls.csv after/calls.csv
status 0 'a suspicion changes no number'

finish
