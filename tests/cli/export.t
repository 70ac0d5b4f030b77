#!/bin/sh
# calltally export: which files, which days, what it answers.
# shellcheck source-path=SCRIPTDIR source=tap.sh
. "${0%/*}/tap.sh"
# shellcheck source=gate.sh
. "$here/gate.sh"
# shellcheck source-path=SCRIPTDIR source=sample.sh
. "$here/sample.sh"

new_database
sample_dump >m.jsonl
sample_dispatch >d.jsonl
ct ingest m.jsonl d.jsonl >/dev/null

try ct export --out out
status 0 'export'
like "$out" '^ +2 rows +[0-9]+ bytes  out/calls\.csv$' 'each file is told'
is "$(find out -name '*.csv' | wc -l | tr -d ' ')" "$(printf '%s\n' "$out" | wc -l | tr -d ' ')" 'no file is left out'
is "$(find out -name '*tmp*')" '' 'no temporary file stays'
like "$(od -An -tx1 -N3 out/calls.csv)" 'ef bb bf' 'files for Excel begin with a BOM'

try ct export --out out2 --json --from 2026-03-01 --to 2026-03-31 --tz Asia/Kolkata --plain
status 0 'export --json --from --to --tz --plain'
is "$(json '[d[k] for k in ("out", "from", "to", "tz")]')" \
    '["out2", "2026-03-01", "2026-03-31", "Asia/Kolkata"]' '--json tells what was asked for'
is "$(json '[f["rows"] for f in d["files"] if f["name"] == "calls.csv"]')" '[1]' 'days are a window'
is "$(json '[f["sha256"] for f in d["files"] if f["name"] == "calls.csv"][0]')" \
    "$(sha256sum out2/calls.csv | cut -d' ' -f1)" '--json tells the hash of the file'
like "$(head -n 2 out2/calls.csv)" '2026-03-01 15:00:00' '--tz shifts times'
unlike "$(od -An -tx1 -N3 out2/calls.csv)" 'ef bb bf' '--plain has no BOM'
is "$(grep -c "$(printf '\r')" out2/calls.csv)" 0 '--plain has no CR'

try ct export --out out3 --report calls,hourly --report=attempts --json
is "$(json 'sorted(f["name"] for f in d["files"])')" \
    '["attempts.csv", "calls.csv", "hourly.csv"]' '--report chooses, in lists and many times'
try ct export --out out3 --report nonsense
like "$status" '^[12]$' 'an unknown report is refused'
like "$err" 'nonsense' 'and named'
try ct export --out out4 --tz Mars/Olympus
like "$status" '^[12]$' 'an unknown zone is refused'
like "$err" 'Mars/Olympus' 'and named'
is "$(ls out4 2>/dev/null)" '' 'and nothing is written'

mkdir own
printf -- '-- How many calls there are.\n-- key:\nSELECT count(*) AS calls FROM calltally.call\n' >own/mine.sql
try ct export --out out5 --reports own --report mine
status 0 'a report of one'\''s own: --reports'
like "$(cat out5/mine.csv)" '^2.?$' 'it counts'

try ct export --out out6 --report calls --no-progress
status 0 'without progress'
is "$err" '' 'nothing is told'
try ct export --out out6 --report calls --progress
status 0 'with progress'
unlike "$err" "$(printf '\033')" 'no escape sequence is told where there is no terminal'

: >file
try ct export --out file
status 1 'a file is no folder'
like "$err" '^calltally: file' 'and is named'

# One report fails while the other's server process does not get to anything,
# not even to being cancelled: the first connection runs the one of one's own.
mkdir stuck
printf -- '-- Fails behind the gate.\n-- key:\nSELECT 1 / length(pg_advisory_xact_lock_shared(81)::text) AS n\n' >stuck/fails.sql
sql "DO \$\$ BEGIN
	EXECUTE 'CREATE OR REPLACE VIEW calltally.window_balance AS SELECT * FROM ('
		|| rtrim(pg_get_viewdef('calltally.window_balance'::regclass), ';')
		|| ') v WHERE (SELECT pg_sleep(600) IS NOT NULL)';
END \$\$"
shut_gate 81
start export --out out7 --reports stuck --report fails,credits_daily
until_at_gate 81
until_some "SELECT pid FROM pg_stat_activity WHERE wait_event = 'PgSleep' AND query LIKE 'COPY%'"
kill -STOP "$some"
open_gate 81
await_end
kill -CONT "$some"
status 1 'a report fails beside one whose server is stuck: it ends'
like "$err" 'fails.sql: .*division by zero' 'and says why'

finish
