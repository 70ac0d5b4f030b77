#!/bin/sh
# The workbook has every cell of the CSV files, typed, and nothing that content made.
# shellcheck source-path=SCRIPTDIR source=tap.sh
. "${0%/*}/tap.sh"
: "${GEN:?is to be the path of the generator of dumps}"

xlsx() { python3 "$here/../xlsx.py" "$@"; }
cell() { xlsx cell "$@"; }

# facts BOOK: the texts of its first sheet
facts() { unzip_text "$1" xl/worksheets/sheet1.xml; }
unzip_text() { python3 -c '
import re, sys, zipfile
print(re.sub("<[^>]*>", "\n", zipfile.ZipFile(sys.argv[1]).read(sys.argv[2]).decode()))' "$@"; }

# ---- real dumps: all of it ----

new_database
"$GEN" --out dumps --calls 800 --days 20 --garbage 5 --envelope 50 --late 30 >/dev/null
ct ingest dumps >/dev/null
ct map dumps/lists/assistants.csv >/dev/null
try ct export --out out --plain --xlsx --tz Asia/Kolkata
status 0 'export --xlsx'
is "$err" '' 'says nothing when all fits'
like "$(xlsx compare out/calltally.xlsx out)" ' cells of 12 reports, 0 differ$' 'every cell is the CSV'\''s'
is "$(xlsx parts out/calltally.xlsx)" 'formulas 0, links to the outside 0, charts 2' 'two charts, no formula, no link'
like "$(xlsx days out/calltally.xlsx out)" '^[0-9]{2} days, 0 differ$' 'the charts draw sums of assistant_daily'
is "$(xlsx sheets out/calltally.xlsx | cut -d'|' -f1 | tr '\n' ' ')" \
    'about charts assistant_total campaign_total assistant_daily campaign_daily assistant_campaign_daily hourly attempts insights credits_daily followups restatements calls ' \
    'a sheet a report, in an order for readers'
is "$(xlsx sheets out/calltally.xlsx | sed 1,2d | grep -cv '|1|A1:[A-Z]*[0-9]*$')" 0 'headers are frozen and filter'
is "$(python3 -c 'import json; print(*[f["sha256"] for f in json.load(open("out/manifest.json"))["files"] if f["name"] == "calltally.xlsx"])')" \
    "$(sha256sum out/calltally.xlsx | cut -d' ' -f1)" 'the manifest has its hash'
like "$(facts out/calltally.xlsx)" '^Asia/Kolkata$' 'the first sheet tells the zone'
like "$(facts out/calltally.xlsx)" '^connected / attempted, 4 decimals' 'and what the columns mean'
mkdir again && cp out/calltally.xlsx again/
ct export --out out --plain --xlsx --tz Asia/Kolkata >/dev/null
try cmp out/calltally.xlsx again/calltally.xlsx
status 0 'nothing loaded between: the same to the byte'
is "$(find out -name '.*')" '' 'no temporary file stays'

try ct export --out split --plain --xlsx --sheet-rows 300 --json
status 0 'more rows than a sheet holds'
like "$(xlsx compare split/calltally.xlsx split)" ' cells of 12 reports, 0 differ$' 'they go on in the next sheet'
is "$(json '[s["name"] for s in d["workbook"]["sheets"] if s["report"] == "calls"]')" \
    '["calls", "calls (2)", "calls (3)"]' '--json tells the sheets'
is "$(json 'sum(s["rows"] for s in d["workbook"]["sheets"] if s["report"] == "calls")')" \
    "$(json '[f["rows"] for f in d["files"] if f["name"] == "calls.csv"][0]')" 'and how many rows each has'
like "$(facts split/calltally.xlsx)" '^calls has more rows than a sheet holds \(300' 'the first sheet says it'
try ct export --out split --xlsx --sheet-rows 300
like "$err" 'a sheet was full: calls goes on in "calls \(3\)"$' 'and so does a message'

# ---- content that would like to be more ----

real=$CALLTALLY_DSN
new_database
python3 - >hostile.jsonl <<'END'
import json
def say(no, summary, **more):
    print(json.dumps({"event": {"type": "end-of-call", "data": {"call": {
        "id": "0012345678901234567%d" % no, "status": "completed", "startedAt": "2026-03-01T09:30:0%dZ" % no,
        "durationSeconds": 12.5}, "analysis": {"summary": summary, "success": True, **more}}}}))
say(1, "=HYPERLINK(\"http://evil.example\",\"x\")")
say(2, "http://evil.example/")
say(3, " +1-1 \x1b[31m\r\n\t\x01_x0041_ \uffff\ufffe<b>&amp;]]> ")
say(4, "long " + "\U0001f600" * 20000)
say(5, "-", insights={"callback_requested": "true", "n": 1})
END
mkdir own
cat >own/"a name: of [quite] some length, and odd.sql" <<'END'
-- Numbers.
SELECT 1 AS small, 9007199254740993 AS large, 12345678901234.5 AS price, 0.1::float8 AS tenth,
	'2026-03-01'::date AS on_day, '=1' AS sum, -0.25 AS half_rate, 1e300::float8 AS huge
END
cat >own/history.sql <<'END'
SELECT 1 AS one
END
ct ingest hostile.jsonl >/dev/null
odd='a name_ of _quite_ some length,'
try ct export --out hostile --plain --xlsx --reports own
status 0 'hostile content'
like "$err" '1 texts are longer than a cell holds' 'a text that does not fit is told'
like "$err" '2 numbers have more than 15 digits' 'and numbers that would be rounded'
like "$(xlsx compare hostile/calltally.xlsx hostile "$odd=a name: of [quite] some length, and odd" history_=history)" ' cells of 1. reports, 0 differ$' 'every cell is the CSV'\''s'
is "$(xlsx parts hostile/calltally.xlsx)" 'formulas 0, links to the outside 0, charts 2' 'none became a formula or a link'
is "$(cell hostile/calltally.xlsx calls B2)" 'text|General|00123456789012345671' 'an id of digits stays text'
is "$(cell hostile/calltally.xlsx calls C2)" 'number|yyyy-mm-dd|46082.0' 'a day is a day'
is "$(cell hostile/calltally.xlsx calls R2)" 'bool|General|True' 'a boolean is one'
is "$(cell hostile/calltally.xlsx assistant_daily W2)" 'number|0.0%|1.0' 'a rate is shown in percent'
is "$(cell hostile/calltally.xlsx "$odd" C2)" 'number|#,##0.00####|12345678901234.5' 'a report with an odd name has its sheet'
is "$(cell hostile/calltally.xlsx "$odd" B2)" 'text|General|9007199254740993' 'a number that would be rounded is text'
is "$(cell hostile/calltally.xlsx "$odd" G2)" 'number|0.0%|-0.25' 'formats go by the name of the column'
like "$(xlsx sheets hostile/calltally.xlsx)" '^history_\|2\|' 'and one with a name that spreadsheets keep to themselves'
like "$(facts hostile/calltally.xlsx)" '^1 texts are longer' 'the first sheet tells what was cut'

# ---- what goes wrong ----

export CALLTALLY_DSN="$real"
cp -r out before
blocks=$(($(wc -c <out/calls.csv) / 512 + 8))	# for the CSV file, not for the sheet
# shellcheck disable=SC3045 # as every sh that there is
(trap '' XFSZ; ulimit -f $blocks; ct export --out out --xlsx --report calls >o 2>e; echo $? >s)
status=$(cat s) out=$(cat o) err=$(cat e)
status 1 'a file system that is full'
like "$err" '^calltally: calltally\.xlsx: .* was cut off: is a disk full' 'is told'
try diff -r out before
status 0 'and all files are as they were'
mkdir 'folder with '\''quote'
try ct export --out 'folder with '\''quote' --xlsx
status 0 'a folder with an odd name'
usage '--xlsx' '--as-of gives back CSV files' ct export --out out --as-of 2026-03-01 --xlsx
usage 'sheet-rows' 'a sheet of no rows' ct export --out out --xlsx --sheet-rows 1

try ct run hostile.jsonl --out night --xlsx --sheet-rows 1000
status 0 'run --xlsx'
like "$(xlsx sheets night/calltally.xlsx)" '^calls\|' 'makes it, too'
try ct export --out changed --xlsx --changed --plain
status 0 '--xlsx --changed'
is "$(cell changed/calltally.xlsx hourly A1 | cut -c1-35)" 'text|General|Not written: it has no' \
    'a report without days says why it is empty'

finish
