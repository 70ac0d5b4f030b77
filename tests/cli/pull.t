#!/bin/bash
# pull: which calls are asked for, how politely, and what survives.
# shellcheck source-path=SCRIPTDIR
# shellcheck disable=SC2015,SC2034,SC2119,SC2129
# shellcheck source=tap.sh
. "${0%/*}/tap.sh"
# shellcheck source=simulator.sh
. "$here/simulator.sh"
# shellcheck source=pulling.sh
. "$here/pulling.sh"

### What may be asked for wrongly
usage '--since' 'since neither day nor time' ct pull --since yesterday
usage '--grace' 'grace without a unit' ct pull --grace 7
usage '--provider' 'a provider that is none' ct pull --provider nobody --dsn "$CALLTALLY_TEST_DSN"
usage '--parallel' 'nothing at once' ct pull --parallel 0

### All calls, at the rates of the profiles
sim --make 24 --seed 5 --lose 40 --dump dump.jsonl
stats 1 >/dev/null
load dump.jsonl
pull
status 0 'a pull at the rates of the profiles'
is "$(stats '[p[x]["max_1s"] <= r for x, r in (("miraiminds", 5), ("whippy", 25), ("minivoice", 5))]')" \
    '[true, true, true]' 'no second held more requests than the rate'
is "$(stats 'sum(x["leaks"] + x["early"] + x["auth_missing"] + x["auth_wrong"] for x in p.values())')" \
    0 'the right keys went to the right places'
is "$(stats 'max(x["most_for_a_path"] for x in p.values())')" 1 'nothing was asked twice'
is "$(sql "SELECT count(*) FROM calltally.call WHERE assistant_id IS NULL OR outcome IN ('queued','in_progress')")" \
    0 'every call has its outcome and assistant'
is "$(sql "SELECT count(*) FROM calltally.call WHERE outcome IN ('completed','transferred') AND NOT has_summary")" \
    0 'and its analysis, that of files too'
is "$(sql 'SELECT count(*) FROM calltally.pull_bucket WHERE in_use')" 0 'the buckets are put back'
csv >small.csv
n=$(stats 'sum(x["requests"] for x in p.values())')
pull
status 0 'once more'
is "$(stats 'sum(x["requests"] for x in p.values())')" "$n" 'asks for nothing'
new_database
ct ingest dump.jsonl archive >/dev/null
same_csv small.csv 'dumps and archive alone bring the same back'

### A batch that was torn
printf '\037\213\010\000torn' >>"$(ls archive/*.gz)"
pull
status 0 'an archive with a torn end'
like "$err" 'cut off 8 bytes' 'is cut, and that is told'
gzip -t archive/*.gz && pass 'is whole again' || fail 'is whole again'
same_csv small.csv 'and nothing changed'

### One call
id=$(sql "SELECT call_id FROM calltally.pull_candidate WHERE provider = 'minivoice' AND state = 'done' LIMIT 1")
[ -n "$id" ] || id=$(sql "SELECT call_id FROM calltally.call WHERE provider = 'minivoice' LIMIT 1")
fast --call "$id"
status 0 'one call, whatever is known of it'
is "$(json '[d["asked"], d["answered"]]')" '[1, 1]' 'is asked for alone'
id=$(sql "SELECT call_id FROM calltally.call WHERE provider = 'whippy' LIMIT 1")
fast --call "$id"
is "$(json '[d["asked"], d["answered"]]')" '[1, 1]' 'also where calls come in a list'
fast --call nobody
status 1 'a call that is not there'

try ct pull --call "$id" --archive archive --since 14d --grace 90m --provider whippy --parallel 2 --rate 50 --attempts 1 --timeout 5 --max-requests 9 --max-minutes 1 --allow-host a.example,b.example:81 --dsn "$CALLTALLY_DSN" --wait 1 --no-progress --json
status 0 'all options at once'
is "$(json '[d["asked"], d["answered"]]')" '[1, 1]' 'go together'
try ct pull --archive archive --since 2026-01-01 --progress
status 0 'for people'
like "$out" '^minivoice +[0-9,]+ asked.*requests' 'there is a line a provider'
like "$out" '^details .* new, ' 'and one for what came of it'

### Which calls
load dump.jsonl
fast --provider minivoice --since 2026-03-03
is "$(json 'd["asked"]')" 0 'not those before --since'
fast --provider miraiminds --max-requests 3
status 0 'a budget of requests'
is "$(json '[d["requests"], d["left"] > 0, d["providers"]["miraiminds"]["end"]]')" \
    '[3, true, "budget"]' 'is kept, and what is left is told'
new_database
rm -rf archive
now=$(date -u +%Y-%m-%dT%H:%M:%SZ)
echo '{"event":"call.created","created_at":"'"$now"'","call":{"id":"young","status":"queued","application_id":"a"}}' |
    ct ingest - >/dev/null
fast
is "$(json 'd["asked"]')" 0 'not one that is open for less than --grace'
fast --grace 0s
is "$(json '[d["asked"], d["gone"]]')" '[1, 1]' 'but one that is open for longer'
is "$(sql 'SELECT state, status_code, error_code FROM calltally.pull_call')" \
    'gone|404|call_not_found' 'one that the provider does not know is gone'
fast --grace 0s
is "$(json 'd["asked"]')" 0 'and not asked for again'

### Keys
load dump.jsonl
key=$MINIVOICE_API_KEY
MINIVOICE_API_KEY=wrong
fast
status 1 'a key that is refused'
like "$err" 'minivoice: the keys were refused \(401, unauthorized\); check MINIVOICE_API_KEY' \
    'names its variable'
is "$(json '[d["providers"]["minivoice"]["answered"], d["providers"]["whippy"]["failed"], d["providers"]["miraiminds"]["answered"] > 0]')" \
    '[0, 0, true]' 'and stops no other provider'
unset MINIVOICE_API_KEY
fast
status 1 'a key that is missing'
like "$err" 'minivoice: not asked: MINIVOICE_API_KEY not set' 'is named'
mkdir credentials
printf '%s\n' "$key" >credentials/MINIVOICE_API_KEY
CREDENTIALS_DIRECTORY=$tmp/credentials fast
status 0 'a key from systemd'
is "$(json 'd["answered"] > 0')" true 'is as good'
export MINIVOICE_API_KEY="$key"
same_csv small.csv 'and in the end all calls are had'
load dump.jsonl
wrong=$(stats 'p["minivoice"]["auth_wrong"]')
MINIVOICE_API_KEY=$(printf 'a\nb: c') fast --provider minivoice
status 1 'a key with a line end in it'
is "$(stats 'p["minivoice"]["auth_wrong"]')" "$wrong" 'is sent to nobody'

CALLTALLY_MINIVOICE_URL=http://192.168.0.1 fast --provider minivoice
status 1 'plain http to another machine'
like "$err" 'plain http is only for a loopback address' 'is refused'
CALLTALLY_MINIVOICE_URL=https://u:p@127.0.0.1 fast --provider minivoice
status 1 'a URL with a password is refused'
unlike "$err" 'u:p' 'and not repeated'

### Retry-After lasts longer than a run
sim --make minivoice=6 --seed 5 --lose 100 --dump dump2.jsonl \
    --fault '{"fault":"429","retry_after":3}'
stats 1 >/dev/null
load dump2.jsonl
fast --max-requests 1
fast
status 0 'a Retry-After of the run before'
is "$(stats 'p["minivoice"]["early"]')" 0 'is obeyed'
sim --make minivoice=6 --seed 5 --lose 100 --dump dump2.jsonl \
    --fault '{"fault":"429","retry_after":86400,"times":0}'
stats 1 >/dev/null
load dump2.jsonl
fast
status 75 'told to come back tomorrow'
fast
status 75 'and still told'
is "$(stats 'p["minivoice"]["early"]')" 0 'without asking again'

### Pages
mkdir profiles
sed 's/"limit": 500/"limit": 4/' "$here/../../lib/call/providers/whippy.json" >profiles/whippy.json
sim --make whippy=40 --seed 9 --lose 60 --latency-ms 20 --dump dump3.jsonl
stats 1 >/dev/null
load dump3.jsonl
try ct pull --profiles profiles --archive archive --since 2026-01-01 --rate 100000 --json
status 0 'a list of many pages'
csv >pages.csv
asked=$(stats 'p["whippy"]["requests"]')
is "$(stats 'p["whippy"]["requests"] >= 8')" true 'is read page by page'
is "$(sql 'SELECT count(*) FROM calltally.pull_cursor')" 0 'to its end'
load dump3.jsonl
for wait in 0.1 0.15 0.2; do
	killed "$wait" --profiles profiles
done
before=$(stats 'p["whippy"]["requests"]')
fast --profiles profiles
status 0 'a walk that was cut off'
same_csv pages.csv 'ends as one that was not'
is "$((before + $(json 'd["providers"]["whippy"]["requests"]') >= asked))" 1 'every page was read'
is "$(stats "p['whippy']['requests'] <= 2 * $asked + 3 * 2")" true \
    'and no page but the last one twice'
sim --make whippy=40 --seed 9 --lose 60 --dump dump3.jsonl \
    --fault '{"fault":"cursor_loop","after":3,"times":0}'
stats 1 >/dev/null
load dump3.jsonl
fast --profiles profiles --attempts 3
status 75 'pages that go round'
like "$err" 'cursor_repeats' 'are told'
is "$(stats 'p["whippy"]["requests"] < 10')" true 'and left'

### Files on other hosts
cat >calls.jsonl <<'CALLS'
{"provider":"whippy","call_id":"w_1","detail":{"id":"w_1","type":"call","created_at":"2026-05-01T00:00:00Z","delivery_status":"call_completed.agent_hangup","metadata":{"agent_id":"a"},"attachments":[{"content_type":"application/json","url":"{{other}}/x/calls/w_1/analysis.json"}]},"analysis":{"call_successful":true,"call_summary":"from the file"}}
CALLS
started='{"event":"call.started","created_at":"2026-05-01T00:00:00Z","data":{"id":"w_1","created_at":"2026-05-01T00:00:00Z","delivery_status":"call_in_progress"}}'
sim --calls calls.jsonl
echo "$started" >started.jsonl
load started.jsonl
fast
like "$err" 'analysis.json of some calls is on 127.0.0.2, which is not allowed' \
    'a file on a strange host is told'
is "$(stats 'd["other_host"]')" 0 'and not fetched'
load started.jsonl
fast --allow-host 127.0.0.2
is "$(sql 'SELECT summary FROM calltally.call')" 'from the file' 'one on a host that is allowed is'
is "$(stats '[d["other_host"], sum(x["leaks"] for x in p.values())]')" '[1, 0]' 'without the keys'

### TLS
if command -v openssl >/dev/null; then
	openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=sim \
	    -addext subjectAltName=IP:127.0.0.1 -keyout key.pem -out cert.pem 2>/dev/null
	scheme=https
	sim --make 6 --seed 5 --lose 40 --dump dump4.jsonl --tls-cert cert.pem --tls-key key.pem
	stats 1 >/dev/null
	load dump4.jsonl
	fast
	status 75 'a certificate that nobody vouches for'
	like "$err" 'certificate is not trusted' 'is told'
	is "$(stats 'sum(x["requests"] for n, x in p.items() if n != "none")')" 0 'and nothing was sent'
	CALLTALLY_CA_FILE=$tmp/cert.pem fast
	status 0 'one that CALLTALLY_CA_FILE vouches for'
	scheme=http
else
	skip 'TLS' 'there is no openssl'
fi

### Half a character on a page
cat >half.py <<'HALF'
import http.server
class H(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        body = rb'{"data":[{"id":"w_1","type":"call","created_at":"2026-05-01T00:00:00Z","delivery_status":"call_completed.agent_hangup","metadata":{"agent_id":"a","analysis":{"call_successful":true,"call_summary":"a\ud800b"}}}],"metadata":{}}'
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
    def log_message(self, *a): pass
s = http.server.ThreadingHTTPServer(("127.0.0.1", 0), H)
print(s.server_port, flush=True)
s.serve_forever()
HALF
python3 half.py >half.port &
half_pid=$!
for _ in $(seq 100); do [ -s half.port ] && break; sleep 0.05; done
load started.jsonl
CALLTALLY_WHIPPY_URL=http://127.0.0.1:$(cat half.port) fast --attempts 1
kill $half_pid
is "$(sql 'SELECT summary FROM calltally.call')" $'a\uFFFDb' 'half a character does not cost a page its calls'

### Keys in what others say
cat >echo.py <<'ECHO'
import http.server, json
class H(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        k = self.headers["Authorization"]
        bad = "bad" in self.path
        body = json.dumps({"id": self.path.split("/")[3], "status": "completed",
            "metadata": {"campaign": k}} if not bad else {"message": "no such key: " + k})
        if bad: body += "\n" + k
        self.send_response(500 if bad else 200)
        self.send_header("Content-Length", str(len(body.encode())))
        self.end_headers()
        self.wfile.write(body.encode())
    def log_message(self, *a): pass
s = http.server.ThreadingHTTPServer(("127.0.0.1", 0), H)
print(s.server_port, flush=True)
s.serve_forever()
ECHO
python3 echo.py >echo.port &
echo_pid=$!
for _ in $(seq 100); do [ -s echo.port ] && break; sleep 0.05; done
new_database
rm -rf archive
for id in good bad; do
	echo '{"event":"call.created","created_at":"2026-05-01T00:00:00Z","call":{"id":"'$id'","status":"queued"}}'
done | ct ingest - >/dev/null
CALLTALLY_MINIVOICE_URL=http://127.0.0.1:$(cat echo.port) fast --provider minivoice --attempts 2
kill $echo_pid
is "$(json '[d["answered"], d["failed"]]')" '[1, 1]' 'a host that repeats the key'
is "$(sql "SELECT campaign_id FROM calltally.call WHERE call_id = 'good'")" 'Bearer ***' \
    'has it taken out of what is kept'
like "$(sql "SELECT body FROM calltally.pull_call WHERE call_id = 'bad'")" 'no such key: Bearer \*\*\*' \
    'of errors too'
pg_dump "$CALLTALLY_DSN" >everything
zcat archive/*.gz >>everything
cat .out .err "$tmp"/out/* >>everything 2>/dev/null
printf '%s\n%s\n' "$out" "$err" >>everything
grep -acF -e "$MINIVOICE_API_KEY" -e "$MIRAIMINDS_PRIVATE_KEY" -e "$WHIPPY_API_KEY" \
    -e "$MIRAIMINDS_PUBLIC_KEY" -e 'mv{key}' -e 'sk_' -e 'wk=' everything >found
is "$(cat found)" 0 'no key is in any output, table or archive'

### Killed
sim --make 900 --seed 11 --lose 60 --latency-ms 15 --dump dump5.jsonl.gz
stats 1 >/dev/null
load dump5.jsonl.gz
fast
csv >many.csv
need=$(stats 'sum(x["requests"] for n, x in p.items())')
sim --make 900 --seed 11 --lose 60 --latency-ms 15 --dump dump5.jsonl.gz
stats 1 >/dev/null
load dump5.jsonl.gz
kills=0
for wait in 0.05 0.2 0.3 0.4 0.5 0.6 0.7; do
	killed "$wait" && kills=$((kills + 1))
done
fast
status 0 "a pull that was killed $kills times"
same_csv many.csv 'has every call in the end'
twice=$(($(stats 'sum(x["requests"] for n, x in p.items())') - need))
[ "$twice" -le $((kills * (2 * (256 + 8)))) ] && pass "asks again for no more than a batch and what was under way ($twice in $kills)" ||
    fail 'asks again for no more than a batch and what was under way' "$twice, $kills kills"
is "$(sql "SELECT count(*) FROM calltally.run WHERE state = 'running'")" 0 'no run is left open'

sim --make minivoice=60 --seed 11 --lose 100 --dump dump6.jsonl
stats 1 >/dev/null
load dump6.jsonl
for wait in 0.8 0.7 0.9 0.5; do
	(timeout -s KILL "$wait" "$CALLTALLY" pull --archive archive --since 2026-01-01 \
	    >/dev/null 2>&1) 2>/dev/null
done
is "$(stats 'p["minivoice"]["max_1s"] <= 5 and p["minivoice"]["requests"] > 4')" true \
    'the rate is kept across runs that are killed'
# Not in the foreground, timeout sends the signal twice, and the second ends it at once.
try timeout --foreground -s TERM 1 "$CALLTALLY" pull --archive archive --since 2026-01-01
status 124 'SIGTERM'
like "$err" 'stopped by signal 15' 'ends a pull'
asked=$(stats 'p["minivoice"]["calls_asked"]')
fast
status 0 'the next one'
is "$(json "d['asked'] <= 60 - $asked + 8")" true 'goes on where that one stopped'

### From initiates to reports
sim --dump life.jsonl.gz --dispatch dispatch.jsonl --step-ms 2 --late-ms 20
# initiate LIFE: begins a call with that life, over HTTP.
initiate() {
	python3 - "$url" "$1" <<'POST'
import json, os, sys, urllib.request
url, life = sys.argv[1:]
body = {"phoneNumber": "+15550001111", "assistant": "assistant_9", "payload": {"sim": life},
    "metadata": {"campaign": "spring"}, "callbackUrl": url + "/_sim/sink"}
urllib.request.urlopen(urllib.request.Request(url + "/v2/call/initiate",
    json.dumps(body).encode(), {"x-public-key": os.environ["MIRAIMINDS_PUBLIC_KEY"],
    "x-private-key": os.environ["MIRAIMINDS_PRIVATE_KEY"],
    "workspace": os.environ["MIRAIMINDS_WORKSPACE"]}), timeout=10).read()
POST
}
for life in answered retried busy no_answer failed invalid skipped rescheduled \
    timeout late silent aborted; do
	initiate "$life"
done
for _ in $(seq 100); do
	[ "$(stats 'd["lives"]["open"]')" = 0 ] && break
	sleep 0.1
done
load life.jsonl.gz dispatch.jsonl
fast
status 0 'initiates, webhooks, details'
csv >/dev/null
is "$(python3 -c 'import csv; print(len(list(csv.reader(open("out/calls.csv")))))')" 13 'every call that was initiated is in the report'
is "$(sql "SELECT string_agg(outcome || ' ' || n, ', ' ORDER BY outcome) FROM (SELECT outcome, count(*) AS n FROM calltally.call GROUP BY 1) o")" \
    'aborted 1, busy 1, completed 5, failed 1, invalid 1, no_answer 1, skipped 1, timeout 1' \
    'with what became of it'
is "$(sql "SELECT count(*) FROM calltally.call WHERE assistant_id = 'assistant_9' AND campaign_id = 'spring' AND (has_summary OR outcome NOT IN ('completed', 'timeout'))")" \
    12 'whole, that of which webhooks were lost too'

### Speed
sim --make miraiminds=3000 --seed 2 --lose 60 --latency-ms 20 --dump fast.jsonl.gz
stats 1 >/dev/null
load fast.jsonl.gz
fast --parallel 64
status 0 '3,000 details at 20 ms, 64 at once'
is "$(json 'd["asked"] == d["answered"] > 2000 and d["seconds"] < 5')" true "take no longer than they must ($(json 'd["seconds"]') s)"

finish
