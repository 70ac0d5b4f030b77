#!/bin/sh
# The dictionary tells each column of each report, and no other.
# shellcheck source-path=SCRIPTDIR source=tap.sh
. "${0%/*}/tap.sh"

# columns REPORT: as the dictionary of the last try tells them
columns() {
	json "','.join(c['name'] for r in d['reports'] if r['report'] == '$1' for c in r['columns'])"
}

try ct export --dictionary --json
status 0 'export --dictionary needs no database'
is "$(json "[c['name'] for r in d['reports'] for c in r['columns'] if not c['text']]")" '[]' \
	'each column has a meaning'
is "$(json "[r['report'] for r in d['reports'] if not r['text'].endswith('.')]")" '[]' \
	'each report has a sentence'

new_database
ct init >/dev/null
ct export --out out --plain >/dev/null
for file in out/*.csv; do
	name=$(basename "$file" .csv)
	[ "$name" = restatements ] && continue
	is "$(columns "$name")" "$(head -n 1 "$file" | tr -d '"')" "$name: its columns, in order"
done
is "$(json "[r['report'] for r in d['reports'] if not set(r['key']) <= {c['name'] for c in r['columns']}]")" \
	'[]' 'keys are columns'

try ct export --dictionary --report campaign_daily
status 0 'for people'
like "$out" '^campaign_daily\.csv: The calls of each day and campaign' 'it tells the report'
like "$out" '^  connect_rate +connected / attempted, 4 decimals' 'METRICS are told in full'
is "$(printf '%s\n' "$out" | grep -c '\.csv: ')" 1 '--report chooses'

mkdir own
cat >own/mine.sql <<'END'
-- What we want to know,
--   told in two lines.
-- KEY: kind
-- kind: which
--   one: it is
-- number of calls: how many
--
-- not: a column
SELECT 1 AS kind
END
printf 'SELECT 2 AS x\n' >own/bare.sql
try ct export --dictionary --reports own --report mine,bare --json
status 0 'reports of one'\''s own'
is "$(columns mine)" 'kind,number of calls' 'their columns'
is "$(json "d['reports'][1]['text'] + '|' + d['reports'][1]['columns'][0]['text']")" \
	'What we want to know, told in two lines.|which one: it is' 'lines that go on'
is "$(json "d['reports'][0]['columns']")" '[]' 'a report without a comment'
printf -- '-- Odd.\n-- calls ... nope: as in assistant_daily\nSELECT 1\n' >own/odd.sql
try ct export --dictionary --reports own
status 1 'columns of another report that are not there'
like "$err" 'own/odd\.sql: .*nope' 'are named'
usage 'stands alone' '--dictionary writes no files' ct export --dictionary --out x

finish
