#!/bin/sh
# What was published comes back to the byte, or it is told which part of the
# record has been damaged, and no file is made.
# shellcheck source-path=SCRIPTDIR source=tap.sh
. "${0%/*}/tap.sh"
# shellcheck source=ordered.sh
. "$here/ordered.sh"

"$GEN" --out dumps --calls 300 --days 3 --files 1 --seed 8 >/dev/null || exit 70
own_report status
export_all() { ct export --reports own --from 2000-01-01 "$@"; }

new_database
try ct ingest dumps
export_all --out one >/dev/null
sql "UPDATE calltally.call SET status = status || 'x'
	WHERE ctid IN (SELECT ctid FROM calltally.call ORDER BY call_id LIMIT 60)"
export_all --out two --phones masked >/dev/null
at=$(sql 'SELECT max(at) FROM calltally.publication')
past() { try ct export --out past --as-of "$at" "$@"; }

# differs: which files of past are not as they were published
differs() {
	for f in past/*.csv; do
		cmp -s "$f" "two/${f#past/}" || echo "$f"
	done
}

past
status 0 'undamaged'
is "$(differs)" '' 'undamaged: to the byte'

# The record as it was, to be put back before each damage.
record='publication published_series published_report published published_line'
sql "CREATE SCHEMA saved; $(for n in $record; do
	echo "CREATE TABLE saved.$n AS TABLE calltally.$n;"
done)"
restore=$(for n in $record; do
	echo "DELETE FROM calltally.$n; INSERT INTO calltally.$n TABLE saved.$n;"
done)

# broken SQL: the record with this damage, of which none is past
broken() {
	rm -rf past
	sql "$restore $1"
}

# damage NAME REGEX SQL: told so
damage() {
	broken "$3"
	past
	if [ "$status" -eq 1 ] && [ -z "$(ls past)" ] && printf '%s\n' "$err" |
	    grep -Eq "^calltally: .*[.]csv: the record of what was published has been damaged: .*$2"; then
		pass "$1 is told"
	else
		fail "$1 is told" "exit $status" "$err" "$(differs)"
	fi
}

# harmless NAME SQL: the bytes come back
harmless() {
	broken "$2"
	past
	is "$status$(differs)" 0 "$1 changes no byte"
}

mine="series_id = (SELECT series_id FROM calltally.published_series WHERE report = 'mine')"
of="calltally.published_report SET row_order"
second="WHERE publication = 2 AND $mine"
places='publication 2: row_order has not the places'
rows='publication 2: of its [0-9]+ rows [0-9]+ are there'
whole="publication 2: the file's digest"
place='day "20[0-9-]+", publication [12], part 0: '
parts="${place}its keys, digests and lines do not go together"
line="${place}a line is not what its digest tells"

damage 'a row_order with two places swapped' "$whole" \
	"UPDATE $of = ARRAY[row_order[2], row_order[1]] || row_order[3:] $second"
damage 'a row_order that is too short' "$places" "UPDATE $of = row_order[2:] $second"
damage 'a row_order that is too long' "$places" \
	"UPDATE $of = row_order || (cardinality(row_order) + 1)::bigint $second"
damage 'a row_order with a place twice' "$places" "UPDATE $of = ARRAY[row_order[1], row_order[1]] || row_order[3:] $second"
damage 'a row_order with a NULL' "$places" "UPDATE $of = NULL::bigint || row_order[2:] $second"
damage 'a row_order that is gone' "$whole" "UPDATE $of = NULL $second"
damage 'a row_order where none was' "$whole" \
	"UPDATE $of = (SELECT array_agg(i ORDER BY i DESC) FROM generate_series(1, rows) i)
	WHERE publication = 2 AND row_order IS NULL AND rows > 1"
damage 'another number of rows' "$rows" "UPDATE calltally.published_report SET rows = rows + 1 $second"
damage 'another header' "$whole" "UPDATE calltally.published_report SET columns = replace(columns, 'status', 'state') $second"
damage 'another digest' "$whole" "UPDATE calltally.published_report SET digest = gen_random_uuid() $second"

damage 'a key too few' "$parts" "UPDATE calltally.published SET keys = keys[2:] WHERE part = 0 AND $mine"
damage 'a digest too few' "$parts" "UPDATE calltally.published SET digests = digests[:cardinality(digests) - 1] WHERE part = 0 AND $mine"
damage 'a line too few' "$line" "UPDATE calltally.published_line SET lines = lines[2:] WHERE part = 0 AND $mine"
damage 'a line too many' "$parts" "UPDATE calltally.published_line SET lines = lines || 'x'::text WHERE part = 0 AND $mine"
damage 'a digest of another line' "$line" "UPDATE calltally.published SET digests[1] = digests[2] WHERE part = 0 AND $mine"
damage 'a digest that is NULL' "$parts" "UPDATE calltally.published SET digests[1] = NULL WHERE part = 0 AND $mine"
damage 'a line that is NULL' "$parts" "UPDATE calltally.published_line SET lines[1] = NULL WHERE part = 0 AND $mine"
damage 'another line' "$line" "UPDATE calltally.published_line SET lines[1] = lines[1] || '0' WHERE part = 0 AND $mine"
damage 'a line and its digest that are gone' "$rows" \
	"UPDATE calltally.published SET digests[1] = NULL WHERE publication = 1 AND part = 0 AND NOT $mine;
	UPDATE calltally.published_line SET lines[1] = NULL WHERE publication = 1 AND part = 0 AND NOT $mine"
damage 'lines of a part that are gone' "$parts" "DELETE FROM calltally.published_line WHERE part = 0 AND $mine"
damage 'keys of a part that are gone' "publication 2: " "DELETE FROM calltally.published WHERE publication = 1 AND part = 0 AND $mine"
damage 'what a later publication stated that is gone' "$whole" \
	"DELETE FROM calltally.published WHERE publication = 2 AND $mine"
damage 'what it stated that is of another publication' "$whole" \
	"UPDATE calltally.published SET publication = 3 WHERE publication = 2 AND $mine;
	UPDATE calltally.published_line SET publication = 3 WHERE publication = 2 AND $mine"

damage 'another dialect' "$whole" 'UPDATE calltally.publication SET plain = NOT plain'
damage 'other phone numbers' "$whole" "UPDATE calltally.publication SET phones = 'full'"
damage 'another window' 'publication 2: ' "UPDATE calltally.publication SET window_from = (SELECT max(day) FROM calltally.published)"
damage 'changed days only' 'publication 2: ' 'DELETE FROM calltally.published_line WHERE publication = 2;
	DELETE FROM calltally.published WHERE publication = 2; UPDATE calltally.publication SET changed_only = true'

harmless 'a publication that is gone behind it' "DELETE FROM calltally.publication WHERE publication = 1"
harmless 'a record without digests of files' 'UPDATE calltally.published_report SET digest = NULL'
damage 'a line of a record without digests of files' "$line" 'UPDATE calltally.published_report SET digest = NULL;
	UPDATE calltally.published_line SET lines[1] = lines[1] || lines[1]'

# Where numbers are hidden that were not then, the record is looked at as ever.
broken "UPDATE $of = row_order[2:] $second"
past --phones none
status 1 'with numbers hidden it is told, too'
broken ''
past --phones none
status 0 'and an undamaged record comes back without them'

# A publication of changed days only, and of an order of its own.
sql "UPDATE calltally.call SET status = status || 'y' WHERE call_id = (SELECT min(call_id) FROM calltally.call)"
export_all --out two --changed >/dev/null
at=$(sql 'SELECT max(at) FROM calltally.publication')
past
is "$status$(differs)" 0 'changed days: to the byte'
rm -rf past
sql "UPDATE $of = ARRAY[row_order[2], row_order[1]] || row_order[3:] WHERE publication = 3 AND $mine"
past
like "$status $err" "^1 .*publication 3: the file's digest" 'changed days: a damage is told'

# The next export compares with the record, and restates nothing that was not so.
restating() {
	broken "$3; UPDATE calltally.call SET status = status || 'z'"
	try export_all --out next --report calls
	like "$status $err" "^1 calltally: .*damaged: $2" "$1: the next export tells it"
}
calls="series_id = (SELECT series_id FROM calltally.published_series WHERE report = 'calls')"
restating 'another line' "$line" \
	"UPDATE calltally.published_line SET lines[1] = lines[1] || '0' WHERE part = 0 AND $calls"
restating 'lines that are gone' "$line" \
	"DELETE FROM calltally.published_line WHERE part = 0 AND $calls"
restating 'a digest too few' 'day .*, publication [12], part 0: its keys and digests' \
	"UPDATE calltally.published SET digests = digests[2:] WHERE part = 0 AND $calls"
restating 'a key that is NULL' 'day .*, publication [12], part 0: its keys and digests' \
	"UPDATE calltally.published SET keys[1] = NULL WHERE part = 0 AND $calls"
finish
