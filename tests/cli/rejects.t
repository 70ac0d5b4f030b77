#!/bin/sh
# calltally rejects: no rejected line is lost, nor shown with what it hides.
# shellcheck source-path=SCRIPTDIR source=tap.sh
. "${0%/*}/tap.sh"
# shellcheck source-path=SCRIPTDIR source=sample.sh
. "$here/sample.sh"

new_database
ct init >/dev/null
try ct rejects list
is "$out" 'no rejected lines' 'nothing to list'

{
	sample_dump
	printf 'caf\303\251 \033[2J\342\200\256 (415) 555-2671 on 2026-03-01\r\n'
	printf '\377\376bad\n'
	printf '{"acme":1,"call":"x1","state":"done"}\n'
} >m.jsonl
ct ingest m.jsonl >/dev/null

try ct rejects list
status 0 'rejects list'
is "$(printf '%s\n' "$out" | grep -c '^/')" 5 'every rejected line'
like "$out" '/m\.jsonl:6: not_json: ' 'file, line and reason'
like "$out" '^    not json \+91\*{8}10$' 'how it begins, phone numbers masked'
like "$out" '^    café .x1b\[2J.u202e \(\*{3}\) \*{3}-\*{2}71 on 2026-03-01.r$' 'a day is no phone number; what could harm the terminal is visible'
like "$out" '^    .xff.xfebad$' 'bytes that are no UTF-8 are visible'
try ct rejects list --reason bad_utf8 --json
is "$(json '[(r["line"], r["reason"], r["line_bytes"]) for r in d["rejects"]], d["more"]')" \
    '[[[10, "bad_utf8", 5]], false]' '--reason and --json'
try ct rejects list --limit 2 --json
is "$(json 'len(d["rejects"]), d["more"]')" '[2, true]' '--limit, and that there are more'
try ct rejects list --limit 2
like "$out" '^and more; see --limit$' 'people are told as well'

# The bytes as they came.
sed -n '6,7p; 9,11p' m.jsonl >want
ct rejects export | LC_ALL=C sort >got
is "$(LC_ALL=C sort want | od -c)" "$(od -c <got)" 'rejects export gives the bytes back'
try ct rejects export --reason no_shape --out some.jsonl
is "$out" '2 lines' 'rejects export --out tells how many'
is "$(cat some.jsonl)" "$(sed -n '7p; 11p' m.jsonl)" '--reason, --out'
mkdir folder
ct rejects export --out folder/some.jsonl --reason=no_shape >/dev/null
is "$(cat folder/some.jsonl)" "$(cat some.jsonl)" '--out in another folder'
try ct rejects export --out no/such/folder
status 1 'a folder that is not there'

# A line that was too long to be kept whole.
printf '{"a":"%0100000d"}\n' 7 >long.jsonl
{ cat m.jsonl long.jsonl; echo '{"b":1}'; } | gzip >big.gz
ct ingest --max-line 64K big.gz >/dev/null
ct rejects export --reason too_long >got
is "$(cksum <got)" "$(cksum <long.jsonl)" 'a long line is read again from its file'
mv big.gz away.gz
try ct rejects export --reason too_long
status 3 'when the file is gone the status is 3'
is "$out" '' 'the line is left out'
like "$err" '^calltally: .*/big\.gz:12: left out: only the first 65536 of its 100008 bytes' 'and it is told'

# A profile that understands one of them.
try ct rejects replay --json
status 3 'replay: still rejected'
is "$(json 'd["events"]')" 0 'replay without a new profile finds nothing'
mkdir profiles
cat >profiles/acme.json <<'END'
{
  "provider": "acme", "title": "Acme",
  "types": [], "status": { "done": "completed" },
  "shapes": [{
    "name": "webhook", "kind": "webhook",
    "match": [[{ "at": "/acme", "is": "number" }]],
    "call_id": "/call", "status": "/state", "fields": {}
  }]
}
END
try ct providers check profiles/acme.json
status 0 'the new profile is right'
try ct rejects replay --profiles profiles --json
is "$(json 'd["events"], d["calls"]')" '[1, 1]' 'replay with a new profile'
is "$(sql "SELECT provider || ' ' || call_id || ' ' || outcome FROM calltally.call WHERE provider = 'acme'")" \
    'acme x1 completed' 'makes the call'
is "$(sql 'SELECT count(*) FROM calltally.source WHERE lines <> events + duplicates + rejected + ignored')" 0 'the books balance'
is "$(sql 'SELECT sum(rejected) = (SELECT count(*) FROM calltally.reject) FROM calltally.source')" t 'and agree with the rejects'
try ct rejects replay --reason no_shape --profiles profiles
like "$out" '^[0-9]+ tried = 0 new \+ [01] duplicate \+ 0 ignored \+ [0-9]+ still rejected' 'replay is told'

finish
