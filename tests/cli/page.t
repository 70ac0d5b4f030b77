#!/bin/sh
# export --html: a page whose numbers are those of the CSV files, and on which
# what others wrote is text.
# shellcheck source-path=SCRIPTDIR source=tap.sh
. "${0%/*}/tap.sh"

page() { python3 "$here/../page/page.py" "$@"; }

# holds FILE EXPRESSION: of the page's data d
holds() { page data "$1" "$2"; }

"$GEN" --out dumps --calls 1500 --days 20 --repeat 20 --late 50 >/dev/null
new_database
ct ingest dumps >/dev/null
ct map dumps/lists/assistants.csv >/dev/null
ct map dumps/lists/campaigns.csv >/dev/null
zone=America/New_York

# Its numbers.
ct export --out before --plain --tz $zone --from 2026-03-03 --to 2026-03-07 >/dev/null
try ct export --out out --plain --tz $zone --from 2026-03-08 --to 2026-03-12 --html --json
status 0 'export --html'
is "$(json '[f for f in d["files"] if f["name"] == "report.html"][0].get("rows", "none")')" none \
    'the answer names the page, which has no rows'
is "$(python3 -c 'import json
print([f["sha256"] for f in json.load(open("out/manifest.json"))["files"] if f["name"] == "report.html"][0])')" \
    "$(sha256sum out/report.html | cut -d' ' -f1)" 'the manifest has its hash'
is "$(find out -name '*tmp*')" '' 'no temporary file stays'
is "$(page compare out/report.html out)" '' 'each number is that of the CSV files'
is "$(page before out/report.html before)" '' 'the window before has the length of this one and ends where it begins'
is "$(holds out/report.html '[d["before"]["from"], d["before"]["to"], d["zone"]]')" \
    "[\"2026-03-03\", \"2026-03-07\", \"$zone\"]" 'it says which it is'
is "$(holds out/report.html 'd["before"]["first"]')" "$(sed -n 2p before/assistant_daily.csv | cut -d, -f1)" \
    'and where its calls begin'
is "$(page sound out/report.html)" '' 'it needs no other file, and its policy lets in nothing else'

try ct export --out all --plain --html
like "$out" '^ +a page +[0-9.]+ kB  all/report\.html$' 'for people'
is "$(page compare all/report.html all)" '' 'an open window: the numbers of the CSV files'
is "$(holds all/report.html 'd["before"]')" null 'and nothing to compare with'

try ct export --out some --plain --html --report attempts
is "$(find some -name '*.csv' -exec basename {} \;) $(page compare some/report.html all)" 'attempts.csv ' \
    'the page is whole when reports are chosen'

# Restated cells.
cat >late.jsonl <<'END'
{"event":{"type":"call.completed","data":{"call":{"id":"late_1","status":"completed","startedAt":"2026-03-09T15:00:00Z","endedAt":"2026-03-09T15:01:00Z","durationSeconds":60}}}}
{"event":{"type":"end-of-call","data":{"call":{"id":"late_1","status":"completed","startedAt":"2026-03-09T15:00:00Z"},"analysis":{"success":true,"summary":"call +91 98765 43210 or 020-7946-0958</script><script>alert(1)</script>","insights":{"reach me":"at 98765-43210","<img src=x onerror=alert(2)>":"]]><!--<script \u2028&amp;</script x"}}}}}
{"sentAt":"2026-03-09T14:59:00Z","workspace":"w<b>","request":{"phoneNumber":"+919876543210","assistant":"</script>","metadata":{"campaign":"<!--<script>"}},"response":{"status":"initiate","callId":"late_1"}}
END
ct ingest late.jsonl >/dev/null
printf 'provider,assistant_id,name\nmiraiminds,</script>,"<script>alert(""name"")</script>"\n' >names.csv
ct map names.csv >/dev/null
ct export --out out --plain --tz $zone --from 2026-03-08 --to 2026-03-12 --html >/dev/null
is "$(holds out/report.html '[r["is"] for r in rows(d["restated"]) if r["report"] == "calls" and r["column"] in ("to_number", "duration_seconds")]')" \
    '["+91********10", "60"]' 'restated cells are told'
is "$(holds out/report.html 'd["restated"]["total"]')" "$(($(wc -l <out/restatements.csv) - 1))" 'and counted'

# What others wrote.
is "$(page sound out/report.html)" '' 'hostile names, summaries and insights end no element'
is "$(holds out/report.html '[r["assistant_name"] for r in rows(d["assistants"]) if r["assistant_id"] == "</script>"]')" \
    '["<script>alert(\"name\")</script>"]' 'a name is the text that it is'
is "$(holds out/report.html '[r["value"] for r in rows(d["insights"]) if r["insight"].startswith("<img")]')" \
    '["]]><!--<script \u2028&amp;</script x"]' 'and so is an insight'
is "$(grep -c -e '98765.\{0,1\}43210' -e 7946 out/report.html) $(grep -c 98765 out/calls.csv)" '0 1' \
    'no phone number is on the page'
is "$(LC_ALL=C grep -c "$(printf '\342\200[\250\251]')" out/report.html)" 0 'no line separator is in the script elements'

# Nothing, and too much.
new_database
ct init >/dev/null
try ct export --out nothing --html --from 2026-03-01 --to 2026-03-02
status 0 'a page of nothing'
is "$(page sound nothing/report.html)$(holds nothing/report.html '[d[s]["rows"] for s in ("totals", "days", "hours")]')" \
    '[[], [], []]' 'has no rows'
seq 3200 | sed 's/.*/{"sentAt":"2026-03-01T09:28:00Z","request":{"assistant":"a&"},"response":{"status":"initiate","callId":"c&"}}/' >many.jsonl
ct ingest many.jsonl >/dev/null
ct export --out many --plain --html >/dev/null
is "$(holds many/report.html '[d["assistants"]["total"], len(d["assistants"]["rows"]), rows(d["totals"])[0]["calls"]]')" \
    '[3200, 3000, 3200]' 'of too many rows the first are there, all are counted, and the totals are whole'

# Whole or not at all.
mkdir bad own
printf 'SELECT 1/0 AS calls\n' >bad/mine.sql
cp many/report.html was.html
try ct export --out many --html --reports bad
status 1 'an export that fails'
is "$(find many -name '*tmp*')$(cmp many/report.html was.html)" '' 'leaves the page as it was'
printf 'SELECT 7 AS reattempts\n' >own/attempts.sql
ct export --out many --html --reports own >/dev/null
is "$(holds many/report.html '[d["replaced"], [r["calls"] for r in rows(d["attempts"])]]')" '[["attempts"], [3200]]' \
    'a report of one'\''s own does not change the page, which says so'

try ct run many.jsonl --out run --archive archive --html
status 0 'run --html'
is "$(page sound run/report.html)" '' 'makes the page, too'
usage 'not with --as-of or --changed' '--as-of gives back no page' ct export --out x --html --as-of 2026-03-01
usage 'not with --as-of or --changed' 'nor is it of changed days' ct export --out x --html --changed
usage 'stands alone' 'nor with the dictionary' ct export --dictionary --html

finish
