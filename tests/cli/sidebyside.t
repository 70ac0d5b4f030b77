#!/bin/sh
# Logs of one day are read side by side, by the times of their lines: the
# events of a call come close to each other, and its row is written about once.
# shellcheck source-path=SCRIPTDIR
# shellcheck source=tap.sh
. "${0%/*}/tap.sh"
# shellcheck source=books.sh
. "$here/books.sh"

"$GEN" --out dumps --calls 6000 --days 1 --files 1 --seed 5 --plain --transcripts \
	--repeat 20 >/dev/null || exit 70
rm -r dumps/lists
set -- dumps/dispatch-*.jsonl
dispatch=${1#dumps/}

# watched NAME: a new database that counts the rows of calls that are removed
# to be written anew.
watched() {
	new_database
	ct init >/dev/null
	sql "CREATE SEQUENCE public.removed;
	CREATE FUNCTION public.removes() RETURNS trigger LANGUAGE plpgsql
		AS \$\$ BEGIN PERFORM nextval('public.removed'); RETURN OLD; END \$\$;
	CREATE TRIGGER removes BEFORE DELETE ON calltally.call
		FOR EACH ROW EXECUTE FUNCTION public.removes()"
}

removed() { sql 'SELECT last_value FROM public.removed'; }

watched
try ct ingest --memory 16M --json dumps
status 0 'two logs of a day'
lines=$(json "d['lines']")
beside=$(removed)
balanced 'two logs of a day'
is "$(sql 'SELECT count(*) FROM calltally.source WHERE finished')" \
	"$(find dumps -type f | wc -l)" 'two logs of a day: each has its books'
books="SELECT regexp_replace(name, '.*/', ''), lines, events, duplicates
	FROM calltally.source ORDER BY 1"
want=$(sql "$books")
ct export --out want >/dev/null

watched
try ct ingest --memory 16M --jobs 2 --json dumps
is "$(sql "$books")" "$want" 'two decoding threads: the same order, the same books'

# The same two, of which nothing says that they are of one day.
mkdir apart
cp dumps/* apart
mv "apart/$dispatch" apart/0.jsonl
watched
try ct ingest --memory 16M --json apart
is "$(json "d['lines']")" "$lines" 'one log after the other: the same lines'
apart=$(removed)
ct export --out apart-csv >/dev/null
same_csv want apart-csv 'one log after the other: the same CSV'
if [ "$beside" -lt $((apart / 2)) ]; then
	pass "side by side, less than half as many rows are written anew"; echo "# $beside $apart"
else
	fail 'side by side, less than half as many rows are written anew' \
		"$beside rows, and $apart one after the other"
fi

# A run that is cut off leaves all of them in the midst.
watched
sql "CREATE FUNCTION public.trouble() RETURNS trigger LANGUAGE plpgsql
	AS \$\$ BEGIN RAISE EXCEPTION 'no room'; END \$\$;
CREATE TRIGGER trouble BEFORE INSERT ON calltally.call_event
	FOR EACH ROW WHEN (NEW.line = 14000) EXECUTE FUNCTION public.trouble()"
try ct ingest --memory 16M dumps
status 1 'cut off'
balanced 'cut off'
is "$(sql 'SELECT count(*) FROM calltally.source
	WHERE lines > 0 AND NOT finished')" 2 'cut off: both logs are in the midst'
sql 'DROP TRIGGER trouble ON calltally.call_event'
try ct ingest --memory 16M dumps
status 0 'cut off: the next run does the rest'
balanced 'cut off, then whole'
is "$(sql 'SELECT sum(lines) FROM calltally.source')" "$lines" \
	'cut off: every line is in the books once'
ct export --out again >/dev/null
same_csv want again 'cut off: the same CSV'

# A file that is damaged in its midst ends; the others go on.
mkdir hurt
gzip -c "dumps/$dispatch" >"hurt/$dispatch.gz"
for f in dumps/webhooks-*; do
	cp "$f" hurt
done
dd if=/dev/zero of="hurt/$dispatch.gz" bs=1 count=200 conv=notrunc \
	seek=$(($(wc -c <"hurt/$dispatch.gz") - 20000)) 2>/dev/null
watched
try ct ingest --memory 16M --json hurt
status 3 'one of them is damaged: exit status'
is "$(json "d['files_unfinished']")" 1 'one of them is damaged: the others are whole'
balanced 'one of them is damaged'
try ct ingest --memory 16M dumps
ct export --out healed >/dev/null
same_csv want healed 'one of them is damaged: the whole one makes it good'
finish
