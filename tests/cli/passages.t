#!/bin/sh
# Lines that come again in other files are told as they were, though only the
# loud ones of a known passage are decoded: the books, the warnings, the rejects
# and the drift are the same; and a passage is known no more once something
# else decides what its lines tell. Nor does it matter to the order of reading.
# shellcheck source-path=SCRIPTDIR
# shellcheck source=tap.sh
. "${0%/*}/tap.sh"
# shellcheck source=books.sh
. "$here/books.sh"
# shellcheck source=gate.sh
. "$here/gate.sh"

"$GEN" --out dumps --calls 6000 --days 6 --files 6 --transcripts --repeat 20 \
	--garbage 2 --envelope 100 --plain >/dev/null || exit 70
for f in dumps/*.jsonl; do cat "$f" && echo; done >all.jsonl
head -n 8000 all.jsonl >start.jsonl
tail -n +8001 all.jsonl >rest.jsonl

new_database
try ct ingest --json dumps
ct export --out want >/dev/null
is "$(sql "SELECT sum(lines) > 0.8 * $(json "d['lines']") FROM calltally.passage")" t \
	'most lines stand in passages that are remembered'
template=$database

# again [OPTION...]: the dumps come through a pipe, and all is known: first their
# start, and, once passages were asked for, all the rest.
again() {
	mkfifo pipe
	"$CALLTALLY" ingest --json "$@" - <pipe >"$tmp/.out" 2>"$tmp/.err" &
	started=$!
	exec 3>pipe
	cat start.jsonl >&3
	until_some "SELECT 1 FROM pg_stat_activity WHERE datname = current_database()
		AND state = 'idle' AND query LIKE '%FROM calltally.passage%'
		AND pid <> pg_backend_pid()"
	cat rest.jsonl >&3
	exec 3>&-
	await_end
	rm pipe
}

# An event of a quiet line in a passage that is neither near its file's start nor
# at its end, where cuts are the file's, but near the end of the dumps.
hidden=$(sql "SELECT e.identity
	FROM calltally.passage p
	JOIN calltally.source s USING (source_id)
	JOIN calltally.call_event e USING (source_id)
	WHERE e.line = p.line + 20 AND encode(p.loud, 'hex') NOT LIKE '%0014%'
		AND p.line > 2000 AND p.line + p.lines < s.lines
	ORDER BY s.name DESC LIMIT 1")

# hide: a database in which this event is not, though its passage is remembered.
hide() {
	new_database
	sql "DELETE FROM calltally.credit_balance WHERE identity = '$hidden';
		WITH gone AS (DELETE FROM calltally.call_event
			WHERE identity = '$hidden' RETURNING source_id)
		UPDATE calltally.source SET events = events - 1, lines = lines - 1
		WHERE source_id = (SELECT source_id FROM gone)"
}

# known WANT NAME: whether the event's passage was taken as known: else it is there again.
known() {
	status 3 "$2: loaded, with rejects"
	is "$(json "d['events']")" "$((1 - $1))" "$2"
}

# told: what there was to tell of the pipe's lines beside their events.
told() {
	sql "SELECT lines, duplicates + events, rejected, ignored
		FROM calltally.source WHERE name = '-'"
	sql 'SELECT warnings FROM calltally.run ORDER BY started_at DESC LIMIT 1'
	sql "SELECT line, byte_offset, reason, message, line_bytes, md5(raw)
		FROM calltally.reject JOIN calltally.source USING (source_id)
		WHERE name = '-' ORDER BY line"
	sql 'SELECT kind, name, lines FROM calltally.drift ORDER BY 1, 2'
}

hide
sql 'DELETE FROM calltally.passage'
again
known 0 'nothing is remembered: all is decoded'
balanced 'nothing is remembered'
told >want.told
ct export --out is >/dev/null
same_csv want is 'nothing is remembered: the same CSV'

hide
again
known 1 'a passage is known: its quiet lines are not decoded'
balanced 'a passage is known'
told >is.told
try diff want.told is.told
status 0 'a passage is known: lines, warnings, rejects and drift are as if all were decoded'
like "$(wc -l <is.told)" '^[0-9]{2,}' 'a passage is known: of which there are some'

hide
sql "DELETE FROM calltally.source WHERE name LIKE '%/webhooks%'"
again
known 0 'a passage counts no more without its source'

hide
mkdir profiles
sed 's/"title": *"[^"]*"/"title": "MiniVoice, changed"/' \
	"$here/../../lib/call/providers/minivoice.json" >profiles/minivoice.json
again --profiles profiles
known 0 'nor by other profiles'

hide
cp -r dumps copies
try ct ingest --transcripts --json copies
known 0 'nor where transcripts are to be kept'
kept=$(sql 'SELECT count(*) FROM calltally.transcript')
like "$kept" '^[1-9]' 'which are kept'
sql 'TRUNCATE calltally.transcript'
cp -r dumps further
ct ingest --transcripts further >/dev/null
is "$(sql 'SELECT count(*) FROM calltally.transcript')" "$kept" \
	'and come again after they were forgotten'

try ct refold --from-archive dumps
status 0 'refold: done'
is "$(sql 'SELECT count(*) FROM calltally.passage')" 0 'refold forgets all passages'

# ---- side by side ----

# lines ID HOUR: those of twenty blocks, of an hour of a day.
lines() {
	for i in $(seq 1280); do
		printf '{"event":"call.created","created_at":"2026-03-01T%s:00:00Z","call":{"id":"%s%d"}}\n' \
			"$2" "$1" "$i"
	done
}

template=template0
new_database
mkdir logs
for i in 1 2 3 4; do lines "other$i" 09; done >known.jsonl
lines evening 20 >evening.jsonl
lines morning 08 >logs/b-2026-03-01.jsonl
cat evening.jsonl logs/b-2026-03-01.jsonl >logs/a-2026-03-01.jsonl
CALLTALLY_BATCH_LINES=64
export CALLTALLY_BATCH_LINES
ct ingest known.jsonl evening.jsonl >/dev/null
cp known.jsonl logs/other-2026-02-28.jsonl
ct ingest logs >/dev/null
unset CALLTALLY_BATCH_LINES
is "$(sql "SELECT regexp_replace(name, '.*/logs/', ''), lines, events, duplicates
	FROM calltally.source
	WHERE name LIKE '%/logs/%' ORDER BY 1")" 'a-2026-03-01.jsonl|2560|0|2560
b-2026-03-01.jsonl|1280|1280|0
other-2026-02-28.jsonl|5120|0|5120' \
	'of two logs of a day the one that is behind is read, though passages of the other are known'
finish
