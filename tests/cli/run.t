#!/bin/bash
# calltally run: the night in one command; a failed part does not hide the others.
# shellcheck source-path=SCRIPTDIR
# shellcheck disable=SC2015,SC2034,SC2119,SC2129
# shellcheck source=tap.sh
. "${0%/*}/tap.sh"
# shellcheck source=simulator.sh
. "$here/simulator.sh"
# shellcheck source=pulling.sh
. "$here/pulling.sh"

night() {
	try ct run --archive "$tmp/archive" --since 2026-01-01 --rate 100000 --plain \
	    --out "$tmp/reports" --json "$@"
}

usage 'PATH' 'nothing to load' ct run --out reports
usage '--out' 'nowhere to write' ct run dumps
usage '--since' 'since neither day nor time' ct run --out reports --since once dumps
usage '--from' 'a window that ends before it begins' \
    ct run --out reports --from 2026-03-02 --to 2026-03-01 dumps

mkdir dumps
sim --make 45 --seed 3 --lose 40 --dump dumps/dump.jsonl
stats 1 >/dev/null
load dumps
fast
csv >reference.csv

new_database
rm -rf archive
night dumps
status 0 'a night'
is "$(json '[d[k]["status"] for k in ("ingest", "pull", "export")]')" '[0, 0, 0]' 'of three parts'
is "$(json 'd["ingest"]["events"] > 0 and d["pull"]["answered"] > 0 and len(d["export"]["files"]) > 5')" \
    true 'tells what each has done'
cat reports/*.csv | sed 's/127\.0\.0\.[0-9]*:[0-9]*/HOST/g' >got.csv
cmp -s reference.csv got.csv && pass 'gives the same reports' || fail 'gives the same reports'
night dumps
status 0 'the next night'
is "$(json '[d["ingest"]["files_unchanged"], d["pull"]["requests"]]')" '[1, 0]' 'has nothing to do'

mkdir none
try ct run dumps --out r2 --from 2026-03-01 --to 2026-03-31 --tz Asia/Kolkata --report calls --reports none --plain --archive archive --since 14d --grace 2h --provider whippy --parallel 2 --rate 9 --attempts 1 --timeout 5 --max-requests 9 --max-minutes 1 --allow-host a.example --max-line 1M --memory 64M --jobs 1 --dsn "$CALLTALLY_DSN" --profiles none --wait 1 --progress --json
status 0 'all options at once'
is "$(json '[f["name"] for f in d["export"]["files"]]')" '["calls.csv"]' 'go together'
try ct run dumps --out r2 --archive archive --no-progress
status 0 'for people'
like "$out" '^whippy +0 asked; 0 requests' 'each part tells its own'
is "$err" '' 'without a word of progress'

new_database
rm -rf archive reports
MINIVOICE_API_KEY=wrong night dumps dumps/nowhere
status 1 'paths that are not there, keys that are refused'
is "$(json '[d[k]["status"] for k in ("ingest", "pull", "export")]')" '[1, 1, 0]' \
    'fail their own part'
like "$err" 'calltally: dumps/nowhere: cannot open' 'which is told'
[ -s reports/manifest.json ] && pass 'and the reports are written' || fail 'and the reports are written'
echo 'no JSON' >dumps/bad.jsonl
MINIVOICE_API_KEY=wrong night dumps
status 1 'keys that are refused'
is "$(json '[d[k]["status"] for k in ("ingest", "pull", "export")]')" '[3, 1, 0]' \
    'and lines that are rejected are told apart'
mkdir empty
(
	unset MIRAIMINDS_PUBLIC_KEY MIRAIMINDS_PRIVATE_KEY MIRAIMINDS_WORKSPACE \
	    WHIPPY_API_KEY MINIVOICE_API_KEY
	ct run dumps/dump.jsonl --archive archive --out reports --since 2026-01-01 >.o 2>.e
	echo $? >.s
)
is "$(cat .s)" 0 'without any keys'
like "$(cat .e)" 'no provider.s keys are set' 'nothing is pulled, which is told'
sim_stop
night dumps/dump.jsonl --attempts 1
status 75 'nobody at the APIs: try again later'
is "$(json 'd["export"]["status"]')" 0 'but the reports are written'
touch file
try ct run dumps/dump.jsonl --archive archive --out file/x --since 2030-01-01
status 1 'reports that cannot be written'
like "$err" 'calltally: export: ' 'are told'
for wrong in '--tz Mars/Olympus' '--report nothing' '--provider nobody'; do
	# shellcheck disable=SC2086 # options are words
	try ct run dumps/dump.jsonl --archive archive --out reports --since 2030-01-01 --json \
	    --metrics wrong.prom $wrong
	status 2 "$wrong: a word that only a part can judge"
	is "$(json '[d["status"], max(d[k]["status"] for k in ("ingest", "pull", "export"))]')" \
	    '[2, 2]' "$wrong: is no success"
	like "$(cat wrong.prom)" '^calltally_run_success 0$' "$wrong: nor in the metrics"
done

finish
