#!/bin/sh
# What is known is a duplicate wherever it comes again: of a call with few or
# many events, on several days, with nothing new, something new or an earlier
# receipt beside it.
# shellcheck source-path=SCRIPTDIR
# shellcheck source=tap.sh
. "${0%/*}/tap.sh"
# shellcheck source=books.sh
. "$here/books.sh"

# said CALL NUMBER MONTH: an event that states its time.
said() {
	printf '{"event":"call.in_progress","created_at":"2026-%02d-01T10:00:%02dZ","call":{"id":"%s","status":"in_progress"},"variables":{"n":%d}}\n' \
		"$3" "$2" "$1" "$2"
}

# received CALL TIME: one that does not.
received() {
	printf '{"received_at":"%s","body":{"event":{"type":"call.initiate","data":{"call":{"id":"%s","status":"initiate"}}}}}\n' "$2" "$1"
}

# counts NAME EVENTS DUPLICATES CALLS: what an ingest of more.jsonl says.
counts() {
	mv more.jsonl "more-$2-$3-$4.jsonl"
	try ct ingest --json "more-$2-$3-$4.jsonl"
	status 0 "$1: loaded"
	is "$(json "d['events'], d['duplicates'], d['calls']")" \
		"[$2, $3, $4]" "$1: events, duplicates, calls"
	balanced "$1"
}

new_database
{
	for n in $(seq 10 49); do said many "$n" 3; done
	for n in 10 11 12; do said few "$n" 3; said few "$n" 4; done
	received silent 2026-03-02T10:00:00Z
} >more.jsonl
counts 'the first time' 47 0 3

{
	for n in 11 20 30 49; do said many "$n" 3; done
	said few 12 4
	said few 10 3
	received silent 2026-03-02T11:00:00Z
} >more.jsonl
counts 'copies alone' 0 7 0

{
	said many 13 3
	said many 50 3
	said few 12 4
	said few 11 3
	said few 11 5
	said other 10 3
} >more.jsonl
counts 'something new among copies' 3 3 3

received silent 2026-03-02T09:00:00Z >more.jsonl
counts 'an earlier receipt' 0 1 0
is "$(sql "SELECT e.event_time AT TIME ZONE 'UTC' FROM calltally.call_event e WHERE NOT time_stated")" \
	'2026-03-02 09:00:00' 'an earlier receipt: the event has its time'
is "$(sql "SELECT first_event_at AT TIME ZONE 'UTC' FROM calltally.call WHERE call_id = 'silent'")" \
	'2026-03-02 09:00:00' 'an earlier receipt: so has the call'

# A first batch is taken for copies until a few hundred calls tell.
calls() { seq "$1" "$2" | while read -r n; do said "call$n" 10 3; done; }
calls 1 400 >more.jsonl
counts 'many calls' 400 0 400
calls 301 900 >more.jsonl
counts 'most of them new' 500 100 500
calls 101 1000 >more.jsonl
counts 'most of them known' 100 800 100
finish
