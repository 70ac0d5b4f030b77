#!/bin/sh
# The benches still run: on a tiny set, every row that this machine can have is
# in the table, and every peer's reports equal calltally's. No time is judged.
# shellcheck source-path=SCRIPTDIR source=tap.sh
. "$(dirname "$0")/tap.sh"
bench=$here/../bench

try "$bench/run" --calls 500 --rounds 1 --no-install --out "$tmp/bench"
status 0 'the bench runs to its end'
bench_err=$err
table=$(cat "$tmp/bench/table.md" 2>/dev/null)
like "$table" '^### 500 calls, [0-9]+ lines, [0-9]+ MB of JSON$' 'the table names its set'
like "$table" '^\| \| ÷ Python ETL \| ÷ psql \+ jsonb \| ÷ DuckDB \| seconds ' 'ratios come first'
like "$table" '^\| .*\| CPU s \| peak MB \| written MB \| WAL MB \|$' 'memory and bytes written are beside them'
like "$table" '^\| \*\*calltally.* \| [0-9.]+ \+ [0-9.]+ \| [1-9][0-9]* \+ [1-9][0-9]* \| [0-9]+ \+ [1-9][0-9]* \| [1-9][0-9]* \|$' 'the client'\''s and the server'\''s'
like "$table" '^PostgreSQL [0-9]+.* fsync=on ' 'server and settings are named'
# shellcheck disable=SC2016 # backquotes of Markdown
for row in \
	'\*\*calltally\*\*, dumps → PostgreSQL → CSV, `--jobs 1`' \
	'\*\*calltally\*\*, dumps → PostgreSQL → CSV, `--jobs 2`' \
	'calltally export alone, six reports, after `--jobs 1`' \
	'calltally export again, all 11 reports' \
	'calltally ingest again, the same files' \
	'calltally ingest again, the same lines in other files' \
	'zcat, psql COPY into jsonb, SQL' \
	'floor: zcat' \
	'floor: binary COPY' \
	'floor: the SELECTs of the six reports'
do
	like "$table" "^\\| $row.* \\| [0-9.]+ \\| [0-9.]+ – [0-9.]+ \\| " "row: $row"
done
like "$table" '^Decoding, COPY and SELECTs alone, evenly on [0-9]+ cores: [0-9.]+ s' 'what no run can do without'
like "$bench_err" 'psql: the same result as calltally' 'psql: equal'
for peer in 'Python ETL,etl-1' 'DuckDB,duckdb'; do
	case $table in
	*"${peer%,*}: skipped, "*) skip "${peer%,*}: equal" 'not installed' ;;
	*) like "$bench_err" "${peer#*,}: the same result as calltally" "${peer%,*}: equal" ;;
	esac
done

# A peer that did less must not pass: the check sees one changed cell.
if [ -d "$tmp/bench" ]; then
	"$GEN" --out dumps --calls 50 >/dev/null
	new_database
	try ct ingest dumps
	try ct export --plain --out want
	cp -r want got
	sed '2s/,1,/,2,/' want/assistant_daily.csv >got/assistant_daily.csv
	try python3 "$bench/check.py" want want
	status 0 'the check passes equal reports'
	try python3 "$bench/check.py" want got
	status 1 'the check sees a changed cell'
fi

# The bench of growth, tiny.
try "$bench/growth" --calls 2000 --events 300 --rounds 1 --out "$tmp/growth"
status 0 'the bench of growth runs to its end'
like "$out" '^\| ingest of a night \| [0-9.]+ \|' 'and tells what a night costs'
like "$out" '^\| export of one day, all reports \| [0-9.]+ \|' 'and what a day costs'

finish
