#!/bin/sh
# Hostile text in ids, names, zones, file names and lines: SQL takes it as a
# value, a terminal and a spreadsheet show it and do nothing, and no path in it
# leads anywhere.
# shellcheck source-path=SCRIPTDIR source=tap.sh
. "${0%/*}/tap.sh"
# shellcheck source-path=SCRIPTDIR source=sample.sh
. "$here/sample.sh"
# shellcheck source-path=SCRIPTDIR source=books.sh
. "$here/books.sh"

# harmless FILE...: no control but the line end, no mark that shows nothing or
# turns the writing round, no byte that is no UTF-8.
harmless() {
	python3 - "$@" <<'END'
import sys, unicodedata
shown = set(range(0x600, 0x606)) | {0x6dd, 0x70f, 0x8e2}  # signs of numbers: Cf, but visible
fillers = {0x34f, 0x115f, 0x1160, 0x17b4, 0x17b5, 0x3164, 0xffa0}
for name in sys.argv[1:]:
    text = open(name, 'rb').read().decode()
    for i, c in enumerate(text):
        if c != '\n' and (ord(c) in fillers or (ord(c) not in shown and
                unicodedata.category(c) in ('Cc', 'Cf', 'Zl', 'Zp', 'Cs'))):
            sys.exit('%s: U+%04X in %r' % (name, ord(c), text[max(0, i - 30):i + 10]))
END
}

# shown NAME: what the last try printed is harmless, on both streams.
shown() {
	if why=$(harmless "$tmp/.out" "$tmp/.err" 2>&1); then pass "$1: harmless"; else
		fail "$1: harmless" "$why"
	fi
}

counts() {
	sql "SELECT string_agg(relname, ' ' ORDER BY relname) FROM pg_class
		WHERE relnamespace = 'calltally'::regnamespace"
}

# ---- the dump: every kind of evil in every text that is kept ----

python3 - <<'END'
import json, os
evil = [
    "'; DROP TABLE calltally.call; --", "\\'; DROP SCHEMA calltally CASCADE; --", '"quoted"', "$1 $$ $q$",
    "back\\slash\\", "E'\\x41'", "a;b", "%s%n%x", "`id` $(id) ${IFS}", "/* */ --", "\\N", "\\.",
    "nul\0nul", "tab\tlf\ncr\rvt\vff\fbs\b", "esc \x1b[2J\x1b[31mred", "osc \x1b]0;title\x07 \x1b]52;c;aGk=\x07",
    "c1 \x9b31m \x90q\x9c \x85", "del \x7f", "rlo \u202egnp.exe\u202c", "iso \u2066x\u2069 \u200e\u200f\u061c",
    "zero \u200b\u200c\u200d\u2060\ufeff\u00ad\u180e", "filler \u3164\u115f\uffa0\u034f", "lines \u2028 \u2029",
    "tags \U000e0041\U000e007f", "music \U0001d173\U0001d17a", "<script>alert(1)</script>", "<img src=x onerror=alert(1)>",
    "=cmd|' /C calc'!A0", "+1+1", "-1+1", "@SUM(A1)", "\t=1", "\r=1", "../../etc/nothing", "../" * 8 + "x", "",
    "x" * 1000,
]
lines, names, overrides = [], [], []
for i, e in enumerate(evil):
    when = "2026-03-%02dT10:00:00Z" % (1 + i % 20)
    call = {"id": "call_%d %s" % (i, e), "status": "completed", "startedAt": when, "endedAt": when,
        "durationSeconds": 5, "recordingUrl": "https://x.example/" + e}
    lines.append({"event": {"type": "end-of-call", "data": {"call": call,
        "analysis": {"success": True, "summary": e, "requiredActions": [e], "insights": {"k" + e: e, "callback_requested": True},
            "sentiment": e}, "credits": {"used": 1, "available": 9}}}})
    lines.append({"sentAt": when, "workspace": "w" + e, "request": {"phoneNumber": "+91" + e, "assistant": "a" + e,
        "metadata": {"campaign": "c" + e}}, "response": {"status": e, "callId": call["id"]}})
    lines.append({"event": {"type": "call." + e, "data": {"call": {"id": call["id"], "status": e}}}})
    lines.append({"event": {"type": "end-of-call", "data": {"call": call, "new " + e: e}}})
os.mkdir("dumps")
with open("dumps/a.jsonl", "w") as f:
    for l in lines:
        f.write(json.dumps(l) + "\n")
# Lines that are none, in a file whose name is hostile itself.
with open(b"dumps/q'\";$(id) \\ \x1b[2J\xe2\x80\xae\xc2\x9b \n x.jsonl", "wb") as f:
    for e in evil:
        f.write(("no json " + e.replace("\n", " ")).encode() + b"\n")
        f.write(json.dumps({"unknown " + e: e}).encode() + b"\n")
    f.write(b"\xff\xfe\x9b31m\n")
import csv
with open("names.csv", "w", newline="") as f:
    w = csv.writer(f)
    w.writerow(["provider", "assistant_id", "name"])
    for e in evil:
        if e and "\0" not in e:
            w.writerow(["miraiminds", "a" + e, e])
with open("override.csv", "w", newline="") as f:
    w = csv.writer(f)
    w.writerow(["provider", "call_id", "campaign_id"])
    for i, e in enumerate(evil):
        if e and "\0" not in e:
            w.writerow(["miraiminds", "call_%d %s" % (i, e), "o" + e])
json.dump(evil, open("evil.json", "w"))
END
n=$(python3 -c 'import json; print(len(json.load(open("evil.json"))))')

new_database
ct init >/dev/null
tables=$(counts)
try ct ingest --json dumps
status 3 'ingest of hostile dumps'
is "$(json 'd["files"], d["lines"], d["calls"]')" "[2, $((4 * n + 2 * n + 1)), $n]" 'every line is in the books, every call is there'
balanced 'hostile dumps'
try ct ingest --progress dumps
shown 'ingest --progress'
try ct map names.csv
status 0 'map of hostile names'
shown 'map'
try ct map override.csv
status 0 'map of hostile overrides'
is "$(sql 'SELECT count(*) FROM calltally.assistant')" $((n - 2)) 'every name is there'
is "$(sql "SELECT name FROM calltally.assistant WHERE assistant_id = E'a\\'; DROP TABLE calltally.call; --'")" \
    "'; DROP TABLE calltally.call; --" 'as it was written'
for c in refold 'rejects replay' "verify dumps"; do
	# shellcheck disable=SC2086
	try ct $c
	like "$status" '^[03]$' "$c goes on as with any other text"
	shown "$c"
done
is "$(counts)" "$tables" 'no table came or went'

# ---- what is asked is a value, too ----

python3 - <<'END' >asked
import json
for e in json.load(open("evil.json")):
    if e and "\0" not in e and "\n" not in e and "\r" not in e:
        print(e)
END
while IFS= read -r e; do
	for c in "show" 'rejects list --reason' 'export --out x --tz' 'export --out x --report' \
	    'explain' 'explain assistant_daily --day 2026-03-01 --column calls --key' \
	    'explain assistant_daily --day 2026-03-01 --column' 'map names.csv --provider' \
	    'pull --archive x --provider' 'export --out x --as-of' 'providers show'; do
		# shellcheck disable=SC2086
		ct $c "$e" </dev/null >.one 2>&1
		cat .one >>said
	done
	ct export --out x --tz UTC --from "$e" >>said 2>&1
	ct ingest "$e" >>said 2>&1
done <asked
if why=$(harmless said 2>&1); then pass 'what answers hostile questions is harmless'; else
	fail 'what answers hostile questions is harmless' "$why"
fi
is "$(counts)" "$tables" 'and harms no table'
is "$(sql 'SELECT count(*) FROM calltally.call')" "$n" 'nor a row'
id=$(sql "SELECT call_id FROM calltally.call WHERE call_id LIKE 'call_0 %'")
try ct show "$id"
status 0 'a call is found by its id, quotes and all'

# ---- a terminal ----

i=0
sql "SELECT encode(convert_to(call_id, 'UTF8'), 'hex') FROM calltally.call" >ids
: >shown
while read -r hex; do
	id=$(perl -e 'print pack("H*", shift)' "$hex"; echo x)
	ct show "${id%x}" >>shown 2>&1 && i=$((i + 1))
	ct show --phones full "${id%x}" >>shown 2>&1
done <ids
is "$i" "$n" 'show finds every call'
if why=$(harmless shown 2>&1); then pass 'show: harmless'; else fail 'show: harmless' "$why"; fi
try ct status
shown 'status'
try ct rejects list --limit 1000
shown 'rejects list'
like "$out" 'x1b\[2J' 'rejects list: what could harm is visible'
try ct rejects export --out rejects.out
shown 'rejects export --out'
: >shown
sql "SELECT DISTINCT encode(convert_to(assistant_id, 'UTF8'), 'hex') FROM calltally.call WHERE assistant_id IS NOT NULL" >ids
while read -r hex; do
	id=$(perl -e 'print pack("H*", shift)' "$hex"; echo x)
	ct explain assistant_total --key provider=miraiminds --key "assistant_id=${id%x}" --column success_rate >>shown 2>&1
	ct explain assistant_total --key provider=miraiminds --key "assistant_id=${id%x}" --column calls --raw --phones full >>shown 2>&1
done <ids
like "$(grep -c . shown)" '^[0-9]{2,}$' 'explain tells of hostile assistants'
if why=$(harmless shown 2>&1); then pass 'explain: harmless'; else fail 'explain: harmless' "$why"; fi
sql "UPDATE calltally.call_event SET summary = E'\\x1b[2J' || chr(8238) || chr(155)"
sql "UPDATE calltally.call SET status = E'\\x1b[2J' || chr(8238) || chr(155)"
try ct verify dumps
status 1 'verify finds what was tampered with'
shown 'verify'
try ct status --json
if printf '%s' "$out" | python3 -m json.tool >/dev/null; then pass 'status --json is JSON'; else fail 'status --json is JSON'; fi
if command -v script >/dev/null; then
	script -qec "'$CALLTALLY' rejects list --json --limit 1000" typescript >/dev/null </dev/null
	sed '1d; $d' typescript | tr -d '\r\177' >typed
	if why=$(harmless typed 2>&1); then pass '--json on a terminal: harmless'; else
		fail '--json on a terminal: harmless' "$why"
	fi
	script -qec "'$CALLTALLY' rejects export" typescript >/dev/null </dev/null
	like "$(sed '1d; $d' typescript | tr -d '\r')" '^calltally: rejects export: .*terminal' 'bytes as they came are not for a terminal'
fi

# ---- names that are not UTF-8, as old archives have them ----

hostile_dsn=$CALLTALLY_DSN
new_database
odd=$(printf 'M\344rz')
mkdir latin "latin/$odd"
printf '{"event":{"type":"call.busy","data":{"call":{"id":"c%s"}}}}\n' 1 >latin/good.jsonl
printf '{"event":{"type":"call.busy","data":{"call":{"id":"c%s"}}}}\n' 2 >"latin/$odd.jsonl"
printf '{"event":{"type":"call.busy","data":{"call":{"id":"c%s"}}}}\n' 3 >"latin/$odd/of.jsonl"
for i in 1 2; do
	try ct ingest --json latin
	status 1 "a name that is not UTF-8, run $i"
	is "$(json 'd["files"] + d["files_unchanged"], d["files_failed"]')" '[1, 2]' "is told, and the other files are read, run $i"
	is "$err" 'calltally: latin/M\xe4rz.jsonl: its whole name is not UTF-8, so no record can hold it: to be renamed
calltally: latin/M\xe4rz/of.jsonl: its whole name is not UTF-8, so no record can hold it: to be renamed' "by name, run $i"
done
try ct verify latin
status 1 'verify of such a name'
is "$err" 'calltally: latin/M\xe4rz.jsonl: its whole name is not UTF-8, so no record can hold it: to be renamed' 'tells it, once'
try ct refold --from-archive latin
status 0 'refold takes the files that were loaded'
printf 'provider,call_id,campaign_id\nmiraiminds,c1,k\n' >"$odd.csv"
for command in "map $odd.csv" "export --out $odd --report calls" "pull --archive $odd --call c1"; do
	# shellcheck disable=SC2086 # options are words
	try env MIRAIMINDS_PUBLIC_KEY=p MIRAIMINDS_PRIVATE_KEY=p MIRAIMINDS_WORKSPACE=p "$CALLTALLY" $command
	status 1 "${command%% *}: a name that is not UTF-8"
	like "$err" 'M.xe4rz(\.csv)?: its whole name is not UTF-8' "${command%% *}: which is told"
done
mv "latin/$odd.jsonl" latin/march.jsonl
mv "latin/$odd" latin/march
try ct ingest latin
status 0 'renamed, they are read'
balanced 'names that are not UTF-8'

# ---- a spreadsheet ----

CALLTALLY_DSN=$hostile_dsn
ct export --out csv >/dev/null
python3 - >cells <<'END'
import csv, glob, json
evil = json.load(open("evil.json"))
for name in sorted(glob.glob("csv/*.csv")):
    raw = open(name, "rb").read()
    assert raw.startswith(b"\xef\xbb\xbf"), name
    rows = list(csv.reader(open(name, encoding="utf-8-sig", newline=""), strict=True))
    for row in rows:
        assert len(row) == len(rows[0]), (name, row)
        for cell in row:
            assert not (cell[:1] in "=+-@\t\r" and cell and not cell.lstrip("+-").replace(".", "", 1).isdigit()), (name, cell)
            assert "\0" not in cell
calls = list(csv.DictReader(open("csv/calls.csv", encoding="utf-8-sig", newline="")))
assert len(calls) == len(evil), len(calls)
want = sorted(("'" if e[:1] in ("=", "+", "-", "@", "\t", "\r") and e else "") + e.replace("\0", "\ufffd") for e in evil)
got = sorted(c["summary"] for c in calls)
print("ok" if got == want else [x for x in zip(got, want) if x[0] != x[1]][:3])
END
is "$(cat cells)" ok 'every cell stands in its column, none begins like a formula, all else is as it came'

finish
