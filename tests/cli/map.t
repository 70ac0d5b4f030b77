#!/bin/sh
# calltally map: names and overrides from lists, all or nothing.
# shellcheck source-path=SCRIPTDIR source=tap.sh
. "${0%/*}/tap.sh"
# shellcheck source-path=SCRIPTDIR source=sample.sh
. "$here/sample.sh"

new_database
sample_dump >m.jsonl
ct ingest m.jsonl >/dev/null
header=provider,call_id,assistant_id,campaign_id

# refused LIST REGEX NAME: the list is refused and changes nothing.
refused() {
	printf '%b' "$1" >list.csv
	try ct map list.csv
	if [ "$status" -eq 1 ] && printf '%s\n' "$err" | grep -Eq "^calltally: list\.csv:$2"; then
		pass "$3"
	else
		fail "$3" "exit $status, wanted 1 and $2" "$out" "$err"
	fi
}

printf '\357\273\277Provider, Assistant_ID ,name\r\nmiraiminds,a1,"Sales, ""North""\r\nIndia"\r\n\r\nmiraiminds,a2,Two\r\nmiraiminds,a1,Last\r\n' >names.csv
try ct map names.csv
status 0 'names of assistants: BOM, CRLF, quoted newline, blank line'
is "$out" '3 rows: 3 assistants named' 'it is told'
is "$(sql "SELECT string_agg(assistant_id || '=' || name, ' ' ORDER BY assistant_id) FROM calltally.assistant")" \
    'a1=Last a2=Two' 'of several names the last stands'
printf 'name,campaign_id\nSpring,k1\n' >names.csv
try ct map names.csv --provider miraiminds --json
is "$(json 'd["campaign_names"], d["rows"]')" '[1, 1]' 'names of campaigns, --provider, columns in any order'
printf 'name,campaign_id\nSummer,k1\n' | ct map --provider=miraiminds - >/dev/null
is "$(sql 'SELECT name FROM calltally.campaign')" Summer 'a new list renames; "-" is standard input'

printf '%s\nmiraiminds,call_1,a7,\nmiraiminds,call_2,,k7\nmiraiminds,call_9,a9,k9\n' $header >list.csv
try ct map list.csv --json
status 0 'overrides'
is "$(json '[d[k] for k in ("rows", "overrides", "overrides_known", "calls")]')" '[3, 3, 0, 2]' 'they are counted'
is "$(sql "SELECT string_agg(concat_ws(' ', call_id, assistant_id, campaign_id), ', ' ORDER BY call_id) FROM calltally.call")" \
    'call_1 a7, call_2 k7' 'they change calls, make none, and an empty cell is silent'
try ct map list.csv
is "$out" '3 rows: 0 overrides new, 3 known, 0 calls changed' 'the same list again changes nothing'
printf 'provider,call_id,assistant_id\nmiraiminds,call_2,a8\n' | ct map - >/dev/null
is "$(sql "SELECT concat_ws(' ', assistant_id, campaign_id) FROM calltally.call WHERE call_id = 'call_2'")" a8 \
    "an override replaces the call's former one"
try ct show call_1
like "$out" 'assistant_id +a7  <- .*/list\.csv:2$' 'the way back leads to the line of the list'
sample_dump | sed 's/call_1/call_9/' | ct ingest - >/dev/null
is "$(sql "SELECT assistant_id FROM calltally.call WHERE call_id = 'call_9'")" a9 'a call that comes later gets its override'
is "$(sql "SELECT count(*) FROM calltally.source WHERE lines <> events + duplicates + rejected + ignored")" 0 'the books balance'

printf 'provider,call_id,assistant_id\nmiraiminds,call_2,b1\nmiraiminds,call_2,b2\nmiraiminds,call_2,b1\n' |
	ct map - >/dev/null
is "$(sql "SELECT assistant_id FROM calltally.call WHERE call_id = 'call_2'")" b1 'of repeated rows the last stands'
told=$(sql "SELECT assistant_id FROM calltally.call_event WHERE kind <> 'override' AND assistant_id IS NOT NULL AND call_key = (SELECT call_key FROM calltally.call WHERE call_id = 'call_2') LIMIT 1")
printf 'provider,call_id,assistant_id\nmiraiminds,call_2,\n' | ct map - >/dev/null
is "$(sql "SELECT assistant_id FROM calltally.call WHERE call_id = 'call_2'")" "$told" \
    'a row of empty cells takes the former override back'
printf 'provider,assistant_id,name\nmiraiminds,b1,\n' >silent.csv
try ct map silent.csv
status 0 'an empty name says nothing'

before=$(sql 'SELECT md5(string_agg(e::text, chr(10) ORDER BY e::text)) FROM calltally.call_event e')
refused '' '1: no header' 'an empty file'
refused 'provider,call\n' '1: unknown column "call"' 'an unknown column'
refused 'provider,call_id,call_id,assistant_id\n' '1: column call_id stands twice' 'a column twice'
refused 'provider,call_id\n' '1: the columns must be' 'a missing column'
refused 'provider,assistant_id,campaign_id,name\n' '1: the columns must be' 'columns of two kinds'
refused 'assistant_id,name\na,b\n' '1: no column provider' 'no provider'
refused "$header\\nmiraiminds,call_1,a,k\\nmiraiminds,call_1,a\\n" '3: 3 cells, but the header has 4' 'a cell too few'
refused "$header\\nmiraiminds,call_1,a,k,x\\n" '2: 5 cells, but the header has 4' 'a cell too many'
refused "$header\\nmiraiminds,call_1,a,k\\nacme,call_1,a,k\\n" '3: unknown provider "acme" \(known: .*miraiminds' 'an unknown provider'
refused "$header\\nmiraiminds,call_1,\"a\\nb\",k\\nmiraiminds, ,a,k\\n" '4: call_id is empty' 'an empty call id, counted by lines'
refused "$header\\n,call_1,a,\\n" '2: provider is empty' 'an empty provider'
refused 'provider,campaign_id,name\nmiraiminds,,x\n' '2: campaign_id is empty' 'an empty campaign id'
refused "$header\\nmiraiminds,call_1,\"a\"b,k\\n" '2: ' 'a stray quote'
refused "$header\\nmiraiminds,call_1,\"a,k\\n" '2: ' 'a quote without an end'
refused "$header\\nmiraiminds,call_1,\\0377,k\\n" '2: not UTF-8' 'bad UTF-8'
refused "$header\\nmiraiminds,$(printf '%01100d' 0),a,k\\n" '2: call_id is longer' 'an id too long'
try ct map list-that-is-not-there.csv
status 1 'a missing file'
like "$err" 'list-that-is-not-there\.csv: .*No such file' 'and its name'
try ct map names.csv --provider acme
status 1 'an unknown --provider'
is "$(sql 'SELECT md5(string_agg(e::text, chr(10) ORDER BY e::text)) FROM calltally.call_event e')" \
    "$before" 'what was refused changed nothing'

finish
