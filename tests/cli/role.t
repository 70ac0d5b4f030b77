#!/bin/sh
# The roles of calltally init --roles: who loads may do all that changes rows,
# who reads may ask all, and nobody else gets in. Each command as each of them.
# shellcheck source-path=SCRIPTDIR source=tap.sh
. "${0%/*}/tap.sh"
# shellcheck source-path=SCRIPTDIR source=sample.sh
. "$here/sample.sh"

new_database
owner=$CALLTALLY_DSN
me=calltally_t$$
admin -c "CREATE ROLE ${me}_load LOGIN; CREATE ROLE ${me}_read LOGIN; CREATE ROLE ${me}_none LOGIN"
# shellcheck disable=SC2317
drop_roles() {
	status=$?
	trap - EXIT
	for d in $databases; do
		admin -c "DROP DATABASE IF EXISTS $d WITH (FORCE)"
	done
	admin -c "DROP ROLE ${me}_load, ${me}_read, ${me}_none"
	databases=
	cleanup
	exit "$status"
}
trap drop_roles EXIT

try ct init --roles
status 0 'init --roles'
like "$out" '^roles calltally_loader and calltally_reader' 'it says what it made'
try ct init --roles --json
is "$(json 'd["steps"], d["roles"]')" '[0, true]' 'and may be done again'
for f in "$here"/../../sql/role/*.sql; do
	try psql -X -q -v ON_ERROR_STOP=1 "$CALLTALLY_DSN" -f "$f"
	status 0 "psql -f ${f##*/}"
done
sql "GRANT calltally_loader TO ${me}_load; GRANT calltally_reader TO ${me}_read"

load() { CALLTALLY_DSN="$owner user=${me}_load" ct "$@"; }
read_() { CALLTALLY_DSN="$owner user=${me}_read" ct "$@"; }
none() { CALLTALLY_DSN="$owner user=${me}_none" ct "$@"; }
may() { want=$1 who=$2; shift 2; try "$who" "$@"; status "$want" "$who: $1 $2"; }

# refused WHO COMMAND...: by the database, told in one line.
refused() {
	who=$1
	shift
	try "$who" "$@"
	status 1 "$who: $1 is refused"
	like "$err" '^calltally: .*permission denied.*\(SQLSTATE 42501\)' "$who: $1 says why"
	is "$(printf '%s\n' "$err" | wc -l | tr -d ' ')" 1 "$who: $1 says it once"
}

counts() {
	psql -X -q -At "$owner user=$1" -c "SELECT relname,
		(xpath('/row/c/text()', query_to_xml(format('SELECT count(*) AS c
			FROM %s', c.oid::regclass), false, true, '')))[1]::text
		FROM pg_class c
		WHERE relnamespace = 'calltally'::regnamespace AND relkind IN ('r', 'v')
		ORDER BY 1" 2>&1
}

# ---- who loads ----

sample_dump >m.jsonl
sample_dispatch >d.jsonl
printf 'provider,assistant_id,name\nmiraiminds,a1,One\n' >names.csv
printf 'provider,call_id,campaign_id\nmiraiminds,call_1,k9\n' >override.csv
may 0 load init --json
may 3 load ingest m.jsonl d.jsonl
may 0 load map names.csv
may 0 load map override.csv
may 3 load rejects replay
may 0 load refold --no-progress
may 0 load pull --archive archive --since 2026-01-01
may 0 load rejects export
may 0 load rejects list
may 0 load export --out by-load
unlike "$out" 'not put on record' 'load: what it exports is on record'
may 1 load run /nonexistent --out by-load
sample_dump | sed 's/call_1/call_3/' >n.jsonl
may 3 load run n.jsonl --out by-load
may 0 load verify --no-progress m.jsonl d.jsonl n.jsonl
may 0 load show call_1
may 0 load status --json
is "$(sql "SELECT count(DISTINCT command) FROM calltally.run
	WHERE command IN ('ingest', 'map', 'pull', 'refold', 'rejects replay')")" 5 \
    'load: each of its runs is in the books'
is "$(sql 'SELECT count(*) FROM calltally.provider')" \
    "$(ct providers list --json | python3 -c 'import json,sys; print(len(json.load(sys.stdin)["providers"]))')" \
    'load: what the profiles say of the providers is there for who reads'

# ---- who reads ----

may 0 read_ export --out by-read
like "$out" '^not put on record as published: this role or server may only read$' \
    'read: an export says that it is not on record'
may 0 read_ export --out by-read --json
is "$(json 'd["unpublished"]')" 'this role or server may only read' 'read: --json says it, too'
is "$(python3 -c 'import json; print(json.load(open("by-read/manifest.json"))["publication"]["why_not"])')" \
    'this role or server may only read' 'read: and so does the manifest'
ct export --out by-owner >/dev/null
try diff -r -x manifest.json by-owner by-read
status 0 'read: its files are those of the owner, to the byte'
may 0 read_ export --out as-of --as-of 2099-01-01
may 0 read_ show call_1
may 0 read_ status --json
may 0 read_ explain assistant_daily --day 2026-03-01 --key provider=miraiminds --key assistant_id=a1 --column calls
may 0 read_ verify --no-progress m.jsonl d.jsonl n.jsonl
may 0 read_ rejects list
may 0 read_ rejects export
is "$(counts "${me}_read")" "$(counts calltally)" 'read: sees as many rows as the owner, in each table'
is "$(counts "${me}_load")" "$(counts calltally)" 'load: the same'

before=$(counts calltally)
refused read_ ingest n.jsonl
refused read_ map names.csv
refused read_ map override.csv
refused read_ rejects replay
refused read_ refold
refused read_ pull --archive archive2 --since 2026-01-01
try read_ run n.jsonl --out by-read
status 1 'read: run fails'
like "$err" 'ingest: .*permission denied' 'read: run says in which part'
is "$(counts calltally)" "$before" 'read: changes no row of any table'

# ---- nobody else ----

before=$(counts calltally)
for c in 'status' 'show call_1' 'export --out by-none' 'ingest m.jsonl' 'map names.csv' \
    'rejects list' 'rejects replay' 'refold' 'verify m.jsonl' \
    'pull --archive archive3 --since 2026-01-01' 'init'; do
	# shellcheck disable=SC2086
	try none $c
	status 1 "none: $c is refused"
done
is "$(counts calltally)" "$before" 'none: changes nothing'

# Files are read while the tables are made. Where they may not be made nothing is taken.
new_database
bare=$CALLTALLY_DSN
anybody() { CALLTALLY_DSN="$bare user=${me}_none" ct "$@"; }
try anybody ingest m.jsonl d.jsonl
status 1 'none: ingest into a database without tables is refused'
like "$err" '^calltally: .*permission denied for database' 'none: and says why'
is "$(printf '%s\n' "$err" | wc -l | tr -d ' ')" 1 'none: once'
is "$(sql "SELECT to_regnamespace('calltally') IS NULL")" t 'none: no schema is left behind'
mkfifo idle
exec 4<>idle
try timeout 20 "$CALLTALLY" ingest --dsn "$bare user=${me}_none" idle
exec 4>&-
status 1 'none: nobody waits for a pipe before he knows that he may'
sql "GRANT CREATE ON DATABASE $database TO ${me}_none"
may 3 anybody ingest m.jsonl d.jsonl
is "$(sql 'SELECT sum(lines), sum(events) FROM calltally.source')" '9|5' 'none: then all is'
sql "REVOKE CREATE ON DATABASE $database FROM ${me}_none; DROP SCHEMA calltally CASCADE"
CALLTALLY_DSN=$owner

# ---- what no role but the owner may do, whatever the client ----

# denied WHO SQL
denied() {
	try psql -X -q -v ON_ERROR_STOP=1 "$owner user=${me}_$1" -c "$2"
	like "$err" 'permission denied|must be owner' "$1: may not: $2"
}
for who in load read none; do
	denied $who 'DROP TABLE calltally.call_event'
	denied $who 'DROP SCHEMA calltally CASCADE'
	denied $who 'ALTER TABLE calltally.call ADD x int'
	denied $who 'ALTER TABLE calltally.source DROP CONSTRAINT source_books_balance'
	denied $who 'TRUNCATE calltally.call_event'
	denied $who 'CREATE TABLE calltally.mine (x int)'
	denied $who 'CREATE FUNCTION calltally.window_from(int) RETURNS int LANGUAGE sql RETURN 1'
	denied $who 'CREATE OR REPLACE VIEW calltally.window_call AS SELECT 1 AS day'
	denied $who "UPDATE calltally.migration SET checksum = ''"
	denied $who 'DELETE FROM calltally.migration'
done
tables="run source call_event call credit_balance reject provider assistant
campaign pull_call pull_bucket pull_cursor publication published_series
published_report published published_line"
for t in $tables; do
	denied read "DELETE FROM calltally.$t"
	denied none "SELECT FROM calltally.$t"
done

# ---- tables of later steps of the schema ----

sql 'CREATE TABLE calltally.later (x int); CREATE VIEW calltally.later_view AS SELECT * FROM calltally.later;
	CREATE FUNCTION calltally.later_f() RETURNS int LANGUAGE sql RETURN 1'
try psql -X -q -v ON_ERROR_STOP=1 "$owner user=${me}_load" \
    -c 'INSERT INTO calltally.later VALUES (calltally.later_f()); DELETE FROM calltally.later'
status 0 'load: a table that comes later is covered'
try psql -X -q -v ON_ERROR_STOP=1 "$owner user=${me}_read" -c 'TABLE calltally.later_view'
status 0 'read: a view that comes later is covered'
denied read 'INSERT INTO calltally.later VALUES (1)'
sql 'DROP VIEW calltally.later_view; DROP TABLE calltally.later; DROP FUNCTION calltally.later_f()'

# A loader of a newer calltally cannot change the tables, and is told who can.
sql 'CREATE TABLE saved AS SELECT * FROM calltally.migration WHERE number = (SELECT max(number) FROM calltally.migration);
	DELETE FROM calltally.migration WHERE number = (SELECT max(number) FROM calltally.migration)'
try load ingest m.jsonl
status 1 'load: an older schema is not for it to change'
like "$err" 'calltally init.*(permission denied|must be owner)' 'and who is to change it is told'
sql 'INSERT INTO calltally.migration SELECT * FROM saved; DROP TABLE saved'

# ---- no way in by names: nothing runs with others' rights or looks up others' names ----

is "$(sql "SELECT count(*) FROM pg_proc WHERE pronamespace = 'calltally'::regnamespace AND prosecdef")" 0 \
    'no function runs with the rights of its owner'
is "$(sql "SELECT count(*) FROM pg_proc WHERE pronamespace = 'calltally'::regnamespace AND prosqlbody IS NULL
	AND NOT coalesce(array_to_string(proconfig, ',') ~ 'search_path=', false)")" 0 \
    'the names in every function are fixed'
sql "CREATE SCHEMA evil; GRANT USAGE ON SCHEMA evil TO PUBLIC;
	CREATE FUNCTION evil.sum(bigint) RETURNS bigint LANGUAGE sql RETURN 13;
	CREATE FUNCTION evil.round(numeric, int) RETURNS numeric LANGUAGE sql RETURN 13;
	CREATE VIEW evil.assistant AS SELECT 'x'::text AS provider, 'x'::text AS assistant_id, 'EVIL'::text AS name;
	ALTER DATABASE $database SET search_path = evil, pg_catalog"
try read_ export --out by-evil
status 0 'a search_path of the database that leads elsewhere'
try diff -r -x manifest.json by-owner by-evil
status 0 'changes no byte'

finish
