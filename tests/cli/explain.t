#!/bin/sh
# calltally explain: every cell of every report leads back to the calls, events and lines that make it.
# shellcheck source-path=SCRIPTDIR source=tap.sh
. "${0%/*}/tap.sh"

: "${GEN:?is to be the path of the generator}"
"$GEN" --out dumps --calls 250 --days 4 --late 150 --repeat 150 --respace 80 \
    --envelope 100 --garbage 40 --shuffle >/dev/null || exit 1
mv dumps/lists lists
new_database
ct ingest dumps >/dev/null
for l in lists/*.csv; do ct map "$l" >/dev/null; done
key=$(sql 'SELECT provider, call_id FROM calltally.call WHERE started_at IS NOT NULL ORDER BY call_key LIMIT 1' | tr '|' ,)
printf 'provider,call_id,campaign_id\n%s,by-hand\n' "$key" >override.csv
ct map override.csv >/dev/null

cat >walk.py <<'P'
# Explains rows of the exported reports and compares with calls.csv, which it
# counts by itself, and with the files, which it reads by itself.
import csv, glob, gzip, json, os, subprocess, sys, zoneinfo, datetime

ct, tz, per_report = os.environ["CALLTALLY"], sys.argv[1], int(sys.argv[2])
subprocess.run([ct, "export", "--out", "out", "--plain", "--tz", tz],
    check=True, stdout=subprocess.DEVNULL)
rows = {}
for path in glob.glob("out/*.csv"):
    with open(path, newline="") as f:
        rows[os.path.basename(path)[:-4]] = list(csv.DictReader(f))
calls = rows["calls"]
for c in calls:
    o = c["outcome"]
    c["bucket"] = "voicemail" if c["voicemail"] == "true" and o in ("ended", "completed", "timeout") else o

KEYS = {
    "assistant_daily": "day provider assistant_id",
    "campaign_daily": "day provider campaign_id",
    "assistant_campaign_daily": "day provider assistant_id campaign_id",
    "assistant_total": "provider assistant_id",
    "campaign_total": "provider campaign_id",
    "hourly": "provider assistant_id weekday hour",
    "attempts": "provider campaign_id reattempts",
    "insights": "provider assistant_id campaign_id insight value",
    "credits_daily": "day provider workspace",
    "followups": "day provider call_id",
    "calls": "day provider call_id",
}
errors = []

def wrong(*what):
    errors.append(" ".join(map(str, what)))

def explain(report, keys, *more):
    cmd = [ct, "explain", report, "--tz", tz, "--json", *more]
    for k, v in keys.items():
        cmd += ["--day", v] if k == "day" else ["--key", k + "=" + v]
    p = subprocess.run(cmd, capture_output=True, text=True)
    if p.returncode != 0:
        wrong(cmd, "exit", p.returncode, p.stderr)
        return None
    return json.loads(p.stdout)

def local(c):
    t = c["started_at"] or c["first_event_at"]
    return datetime.datetime.strptime(t, "%Y-%m-%d %H:%M:%S") if t else None

def has_key(c, k, v):
    if k == "weekday":
        return v == (str(local(c).isoweekday()) if local(c) else "")
    if k == "hour":
        return v == (str(local(c).hour) if local(c) else "")
    if k in ("insight", "value"):
        return True
    return c[k] == v

def is_member(c, measure):
    b = c["bucket"]
    if measure == "calls":
        return True
    if measure == "attempted":
        return b not in ("queued", "skipped", "invalid")
    if measure == "connected":
        return b in ("ended", "completed", "transferred", "timeout")
    if measure == "analyzed":
        return bool(c["success"] or c["summary"] or c["sentiment"])
    if measure in ("succeeded", "not_succeeded"):
        return c["success"] == {"succeeded": "true", "not_succeeded": "false"}[measure]
    if measure == "judged":
        return c["success"] != ""
    if measure.startswith("sentiment_"):
        return c["sentiment"] == measure[10:]
    if measure == "talked":
        return c["duration_seconds"] not in ("", "0")
    column = {"talk_seconds": "duration_seconds"}.get(measure)
    if column or measure in ("credits_used", "reattempts", "reschedules"):
        return c[column or measure] != ""
    return b == measure

lines = {}
def line_of(path, n):
    if path not in lines:
        with open(path, "rb") as f:
            data = f.read()
        lines[path] = (gzip.decompress(data) if data[:2] == b"\x1f\x8b" else data).split(b"\n")
    return lines[path][n - 1].lstrip(b"\xef\xbb\xbf").rstrip(b"\r").decode("utf-8", "replace")

checked = dict(rows=0, cells=0, memberships=0, lines=0)

def check_lines(d):
    for c in d["calls"]:
        for e in c["decided_by"]:
            if "file" not in e:
                continue
            checked["lines"] += 1
            if e.get("raw") != line_of(e["file"], e["line"]):
                wrong("raw", e["file"], e["line"], e.get("raw"), e.get("raw_missing"))

def check_row(report, row):
    keys = {k: row[k] for k in KEYS[report].split()}
    d = explain(report, keys, "--limit", "3")
    if d is None:
        return
    checked["rows"] += 1
    for k, v in row.items():
        if k in ("bucket", "day", "started_at", "ended_at", "first_event_at", "last_event_at"):
            continue
        cell = d["row"][k]
        cell = {"t": "true", "f": "false"}.get(cell, cell) if k in ("voicemail", "success", "callback_requested") else cell
        if (cell or "") != v:
            wrong(report, keys, k, "csv", v, "explain", cell)
    told = {c["column"]: c for c in d["columns"]}
    for name, c in told.items():
        checked["cells"] += 1
        if (c["cell"] or "") != row[name]:
            wrong(report, keys, name, c)
    made = [k for k in row if k not in keys and not k.endswith("_name") and k != "credits_unit"]
    if report not in ("calls", "followups") and sorted(told) != sorted(made):
        wrong(report, "columns", sorted(told), sorted(made))
    return keys, told

def check_members(report, keys, column):
    d = explain(report, keys, "--column", column["column"], "--limit", "1000", "--raw")
    if d is None:
        return
    check_lines(d)
    mine = [c for c in calls if all(has_key(c, k, v) for k, v in keys.items())]
    for side in ("numerator", "denominator"):
        if side not in column:
            continue
        want = sorted(c["call_id"] for c in mine if is_member(c, column[side]))
        got = sorted(c["call_id"] for c in d["calls"] if c[side] is not None)
        checked["memberships"] += 1
        if want != got or len(got) != column[side + "_calls"]:
            wrong(report, keys, column["column"], side, column[side], "want", want, "got", got)

def sample(list, n):
    step = max(1, len(list) // n)
    return list[::step]

for report in sorted(KEYS):
    for i, row in enumerate(sample(rows[report], per_report)):
        got = check_row(report, row)
        if got is None or report in ("calls", "followups", "insights"):
            continue
        keys, told = got
        if i % 3 == 0:
            for column in told.values():
                if column["column"] != "closing_balance" and column["numerator_calls"] > 0:
                    check_members(report, keys, column)
for row in sample(rows["credits_daily"], per_report):
    if row["closing_balance"]:
        d = explain("credits_daily", {k: row[k] for k in ("day", "provider", "workspace")}, "--column", "closing_balance", "--raw")
        e = d["calls"][0]["decided_by"][0]
        if "%g" % e["states"]["credits_available"] != "%g" % float(row["closing_balance"]):
            wrong("closing_balance", row, e)
        check_lines(d)
for c in sample(calls, per_report):
    for column in ("outcome", "summary", "insights", "day", "duration_seconds", "success", "campaign_id", "first_event_at"):
        d = explain("calls", {k: c[k] for k in ("day", "provider", "call_id")}, "--column", column, "--raw")
        if d is None:
            continue
        check_lines(d)
        if not d["calls"][0]["decided_by"]:
            wrong("calls", c["call_id"], column, "nothing decided it")
        if c[column] and column != "first_event_at" and all("file" not in e for e in d["calls"][0]["decided_by"]):
            wrong("calls", c["call_id"], column, "no place")
for row in sample(rows["insights"], per_report):
    d = explain("insights", {k: row[k] for k in KEYS["insights"].split()}, "--raw", "--limit", "100")
    if d is None:
        continue
    check_lines(d)
    if len(d["calls"]) != int(row["calls"]):
        wrong("insights", row, len(d["calls"]))
    for c in d["calls"]:
        e = c["decided_by"][0]
        if e["what"] != row["insight"] or row["insight"] not in e["states"]["insights"]:
            wrong("insights", row, e)
print(json.dumps(dict(errors=errors[:10], n=len(errors), **checked)))
P

for tz in UTC Asia/Kolkata; do
	try python3 walk.py $tz 8
	is "$err" '' "$tz: the walk ends"
	is "$(json 'd["n"], d["errors"]')" '[0, []]' "$tz: cells, memberships and lines are right"
	like "$(json 'd["rows"] > 60 and d["cells"] > 1000 and d["memberships"] > 150 and d["lines"] > 400')" '^true$' \
	    "$tz: enough was looked at ($out)"
done

# a cell for people
row=$(sql "SELECT day_at::date || ' ' || provider || ' ' || assistant_id FROM calltally.call
    WHERE outcome = 'completed' AND assistant_id IS NOT NULL AND to_number IS NOT NULL ORDER BY call_key LIMIT 1")
# shellcheck disable=SC2086
set -- $row
try ct explain assistant_daily --day "$1" --key provider="$2" --key assistant_id="$3" --column connect_rate
status 0 'a rate'
like "$out" '^assistant_daily  day 2026-' 'tells the row'
like "$out" '^  connect_rate +[01]\.[0-9]{4} = connected [0-9]+ of [0-9]+ calls? / attempted [0-9]+ of' 'its numerator and denominator'
like "$out" '^  call .* of .*  connected 1  attempted 1$' 'what each call gives'
like "$out" '^      outcome +.*  <- .*/dumps/.*gz:[0-9]+  20' 'and the line that decided it'
name=$(sql "SELECT name FROM calltally.assistant WHERE provider = '$2' AND assistant_id = '$3'")
try ct explain assistant_daily --day "$1" --key provider="$2" --key assistant_id="$3" --key assistant_name="$name" --limit 0
status 0 'a row by its name'
unlike "$out" '^  call ' '--limit 0 lists no call'
like "$out" '^  talk_seconds_p90 +[0-9.]+ = percentile 90 of talk_seconds of [0-9]+ calls?$' 'a percentile is no quotient'

# a window
ct export --out window --plain --from 2026-03-02 --to 2026-03-03 --report assistant_total >/dev/null
# shellcheck disable=SC2046
set -- "$@" $(python3 -c 'import csv
r = [r for r in csv.DictReader(open("window/assistant_total.csv")) if r["assistant_id"]][0]
print(r["provider"], r["assistant_id"], r["calls"])')
try ct explain assistant_total --key provider="$4" --key assistant_id="$5" --from 2026-03-02 --to 2026-03-03 --json
is "$(json '[d["agrees"], d["calls_behind"], len(d["calls"])]')" "[true, $6, $6]" 'a total of a window'

# days of another zone, another database
try ct explain assistant_daily --tz Asia/Kolkata --dsn "$CALLTALLY_DSN" --key provider="$2" --key assistant_id="$3" --day "$1" --limit 0
like "$out$err" '^assistant_daily  day |has no such row' 'a day of another zone'
mkdir profiles
try ct explain assistant_daily --profiles profiles --key provider="$2" --key assistant_id="$3" --day "$1" --limit 0
status 0 'with a folder of profiles'

# privacy
call=$(sql "SELECT call_id FROM calltally.call WHERE to_number IS NOT NULL AND provider = '$2' ORDER BY call_key LIMIT 1")
number=$(sql "SELECT to_number FROM calltally.call WHERE call_id = '$call'")
try ct explain calls --key provider="$2" --key call_id="$call" --column to_number --raw
unlike "$out" "${number#+}" 'phone numbers are masked, also in raw lines'
try ct explain calls --key provider="$2" --key call_id="$call" --column to_number --raw --phones full
like "$out" "${number#+}" '--phones full shows them'
like "$out" '^        \| \{' '--raw shows the line'

# an override
try ct explain calls --key provider="${key%,*}" --key call_id="${key#*,}" --column campaign_id --raw
like "$out" 'campaign_id +by-hand  <- .*/override\.csv:2  .* override' 'an override leads to the list'
like "$out" "\| $key,by-hand\$" 'and its row'

# files that are gone or changed
place=$(ct explain calls --key provider="$2" --key call_id="$call" --column outcome --json |
    python3 -c 'import json, sys; print(json.load(sys.stdin)["calls"][0]["decided_by"][0]["file"])')
mv "$place" kept.gz
try ct explain calls --key provider="$2" --key call_id="$call" --column outcome --raw
status 0 'a file that is gone is no failure'
like "$out" '\| \(the file is out of reach\)' 'it is told'
yes '{"other": true}' | head -20 >"$place"
try ct explain calls --key provider="$2" --key call_id="$call" --column outcome --raw
like "$out" '\| \(the file has changed' 'so is a file that changed'
mv kept.gz "$place"

# a report that its calls do not make
sql "DO \$\$ BEGIN EXECUTE 'CREATE OR REPLACE VIEW calltally.report_finest AS '
    || replace(pg_get_viewdef('calltally.report_finest'), '''busy''', '''completed'''); END \$\$"
try ct explain assistant_daily --day "$1" --key provider="$2" --key assistant_id="$3"
status 1 'a cell that its calls do not make'
like "$out" '^  busy .*DIFFERS: the calls make 0$' 'is told'
is "$(printf '%s\n' "$out" | grep -c DIFFERS)" 1 'and no other'

sql "DELETE FROM calltally.provider"
try ct explain credits_daily --day "$1" --key provider="$2" --key workspace="$(sql "SELECT coalesce(workspace, '') FROM calltally.call WHERE provider = '$2' AND day_at::date = '$1' LIMIT 1")" --json
is "$(json '[d["agrees"], [c["cell"] for c in d["columns"]]]')" '[true, [null, null]]' 'a provider without a unit has empty credits'

# errors
usage 'no report that can be explained is named "x"' 'an unknown report' ct explain x
usage 'has no column "y"' 'an unknown column' ct explain attempts --column y
usage 'has no column "z"' 'an unknown key' ct explain attempts --key z=1
usage 'is not column=value' 'a key without a value' ct explain attempts --key z
usage 'rows of attempts are so; one is told by: provider, campaign_id, reattempts' 'too few keys' ct explain attempts
usage 'is not a day' 'a bad day' ct explain calls --day 2026-02-30
usage 'leave --from and --to out' 'a day and a window' ct explain calls --day 2026-03-01 --from 2026-03-01
try ct explain calls --key call_id=nobody
status 1 'a row that there is not'
like "$err" 'calls has no such row' 'is told'

finish
