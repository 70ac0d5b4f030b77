#!/bin/sh
# Phone numbers: in which outputs they are, and that --phones takes them out of all.
# shellcheck source-path=SCRIPTDIR source=tap.sh
. "${0%/*}/tap.sh"

# The caller's, the callee's, and one in a summary, in an action and in an insight.
numbers='9876543210|5550123456|7011223344|8022334455|9033445566'
# files FOLDER: all text in it, that of the workbook, too
files() {
	cat "$1"/*.csv "$1"/manifest.json
	[ ! -e "$1/report.html" ] || cat "$1/report.html"
	[ ! -e "$1/calltally.xlsx" ] || python3 -c '
import sys, zipfile
z = zipfile.ZipFile(sys.argv[1])
for n in z.namelist():
    print(z.read(n).decode())' "$1/calltally.xlsx"
}

new_database
python3 - >dump.jsonl <<'END'
import json
print(json.dumps({"event": "call.analyzed", "request_id": "r1", "created_at": "2026-03-01T09:31:00.123456Z", "data": {
    "id": "call_7", "from": "+15550123456", "to": "+919876543210", "direction": "outbound",
    "created_at": "2026-03-01T09:30:00.123456Z", "delivery_status": "call_completed.agent_hangup",
    "metadata": {"duration": 61000, "agent_id": "a1", "analysis": {"call_summary": "Call 7011-223-344 back; order 123456.",
        "call_successful": True, "custom_analysis_data": {"callback_requested": True, "call_on": 9033445566,
        "note": "or 802 233 4455"}}}}}))
END
printf '{"sentAt":"2026-03-02T09:28:00Z","request":{"phoneNumber":"+919876543210","assistant":"a1"},"response":{"status":"initiate","callId":"call_8"}}\n' >dispatch.jsonl
printf 'not json +919876543210\n' >bad.jsonl
mkdir own
cat >own/who.sql <<'END'
-- Whom we called.
-- KEY: who
SELECT day, to_number AS who, right(to_number, 10)::bigint AS phone, count(*) AS calls
FROM window_call GROUP BY 1, 2, 3 ORDER BY 1 NULLS FIRST, 2
END
ct ingest dump.jsonl dispatch.jsonl bad.jsonl >/dev/null

# ---- export ----

try ct export --out full --plain --xlsx --html --reports own
status 0 'export'
like "$(cat full/calls.csv)" '"\+15550123456","\+919876543210"' 'numbers are whole unless it is said'
try ct export --out masked --plain --xlsx --html --reports own --phones masked
status 0 'export --phones masked'
like "$(cat masked/calls.csv)" '"\+1\*{8}56","\+91\*{8}10"' 'a number keeps its country code and two digits'
is "$(files masked | grep -cE "$numbers")" 0 'none is whole in any file, the workbook included'
like "$(cat masked/calls.csv)" 'Call \*{4}-\*{3}-\*44 back; order 123456\.' 'nor in free text'
like "$(cat masked/calls.csv)" '""call_on"":""\*{8}66""' 'a number in JSON becomes a string'
like "$(cat masked/calls.csv)" '2026-03-01 09:30:00' 'times stay'
like "$(cat masked/who.csv)" '^2026-03-01,"\+91\*{8}10","\*{8}10",1$' 'reports of one'\''s own are covered'
like "$(cat masked/manifest.json)" '"phones": "masked"' 'the manifest says it'
like "$(files masked)" '>phone numbers<.*>masked<' 'and the workbook'
try ct export --out none --plain --xlsx --html --reports own --phones none
is "$(files none | grep -cE "$numbers|\+91\*|\*10")" 0 '--phones none leaves nothing of them'
like "$(cat none/calls.csv)" ',"outbound",,,"completed"' 'their cells are empty'
like "$(files none)" '>phone numbers<.*>left out<' 'and the workbook says so'
for name in calls followups insights who; do
	is "$(wc -l <"masked/$name.csv")" "$(wc -l <"full/$name.csv")" "$name: as many rows"
done

is "$(grep -cE "$numbers" full/report.html)" 0 'the page has none whole in any case'

# ---- what is published is whole ----

is "$(wc -l <none/restatements.csv | tr -d ' ')" 1 'exports that hide numbers restate nothing'
try ct export --out back --tz UTC --as-of 2099-01-01
status 0 '--as-of'
for name in calls followups who; do
	is "$(cat "back/$name.csv")" "$(cat "none/$name.csv")" "$name: is given back as it was exported"
done
ct export --out again --plain --reports own >/dev/null
ct export --out back --as-of 2099-01-01 --phones masked >/dev/null
is "$(cat back/calls.csv)" "$(cat masked/calls.csv)" '--as-of hides more than was hidden then'
ct export --out again --plain --reports own --phones masked >/dev/null
ct export --out back --as-of 2099-01-01 --phones full >/dev/null
is "$(cat back/calls.csv)" "$(cat masked/calls.csv)" 'but never less'
sed 's/"to": "+91/"to": "+92/; s/09:31:00/09:32:00/; s/7011-223/7099-223/' dump.jsonl >late.jsonl
ct ingest late.jsonl >/dev/null
try ct export --out late --plain --reports own --phones masked
like "$(cat late/restatements.csv)" '"calls",2026-03-01,"provider=whippy;call_id=call_7","to_number","\+91\*{8}10","\+92\*{8}10",' \
    'a number that changed is restated, masked'
like "$(cat late/restatements.csv)" '"summary","Call \*{4}-' 'and a text with one'
is "$(files late | grep -cE "$numbers")" 0 'none is whole'

# ---- what is shown ----

hidden() {
	name=$1
	shift
	for how in masked none; do
		try "$@" --phones "$how"
		is "$(printf '%s\n%s\n' "$out" "$err" | grep -cE "$numbers")" 0 "$name: --phones $how"
	done
	try "$@" --phones full
	like "$out" "$numbers" "$name: --phones full"
}
hidden show ct show call_7
hidden 'show --json' ct show call_7 --json
hidden explain ct explain calls --day 2026-03-01 --key call_id=call_7 --raw
hidden 'explain --json' ct explain calls --day 2026-03-01 --key call_id=call_7 --raw --json
hidden 'rejects list' ct rejects list
hidden 'rejects list --json' ct rejects list --json
hidden 'rejects export' ct rejects export
sql "UPDATE calltally.call SET to_number = '+925550123456', summary = 'call 7011223344' WHERE call_id = 'call_7'"
hidden verify ct verify dump.jsonl late.jsonl dispatch.jsonl bad.jsonl
hidden 'verify --json' ct verify --json dump.jsonl late.jsonl dispatch.jsonl bad.jsonl
hidden 'providers check' ct providers check "$here/../../lib/call/providers/whippy.json" dump.jsonl
hidden 'providers check --json' ct providers check --json "$here/../../lib/call/providers/whippy.json" dump.jsonl
try ct rejects list --phones none
like "$out" '^    not json \+\*\*\*$' 'rejects list: a mark stands where a number was'
try ct rejects export --phones none
is "$out" 'not json +***' 'rejects export: a line without its number'
try ct providers check --phones none "$here/../../lib/call/providers/whippy.json" dump.jsonl
unlike "$out" 'to_number +[^ ]' 'providers check: a field without its number'
for command in 'show call_7' 'rejects list' 'verify dump.jsonl'; do
	# shellcheck disable=SC2086 # words of a command
	try ct $command
	is "$(printf '%s\n' "$out" | grep -cE "$numbers")" 0 "$command: people get them masked"
done
try ct show call_7 --json
is "$(json 'd["calls"][0]["call"]["from_number"]')" '+15550123456' 'show --json: programs get them whole'
try ct run late.jsonl --out night --phones none
is "$(files night | grep -cE "$numbers|\+91\*|\*10")" 0 'run --phones none'
usage 'full\|masked\|none' 'a word that is none' ct export --out x --phones some

finish
