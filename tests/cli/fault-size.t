#!/bin/sh
# Whatever the size of a line, of what a gzip holds, of the number of files:
# memory stays, and no line is lost. SIZE_MB and SIZE_FILES make it larger; of
# files there are more than the ledger looks up at a time.
# shellcheck source-path=SCRIPTDIR
# shellcheck source=tap.sh
. "${0%/*}/tap.sh"
# shellcheck source=peak.sh
. "$here/peak.sh"

size=${SIZE_MB:-64}
files=${SIZE_FILES:-12000}
event='{"event":{"type":"call.completed","data":{"call":{"id":"c%s","status":"completed"}}}}\n'

# kept REGEX NAME: of the long line that was rejected last
kept() {
	like "$(sql "SELECT line, line_bytes, reason, octet_length(raw) FROM calltally.reject")" "$1" "$2"
	sql 'TRUNCATE calltally.reject, calltally.source, calltally.call_event, calltally.call'
}

new_database
ct init >/dev/null

mkfifo pipe
# shellcheck disable=SC2059
{ head -c "${size}M" /dev/zero | tr '\0' a; echo; printf "$event" 0; } >pipe &
stays "a line of $size MB from a pipe" --max-line 64K pipe
is "$(sql 'SELECT count(*) FROM calltally.call')" 1 'the line behind it is loaded'
kept "^1\|$((size * 1048576))\|too_long\|65536$" 'it is a reject, its start kept'

head -c "${size}M" /dev/zero | gzip -1 >bomb.jsonl.gz
stays "$size MB of zeros in a gzip of $(stat -c %s bomb.jsonl.gz) bytes" bomb.jsonl.gz
kept "^1\|$((size * 1048576))\|too_long\|65536$" 'a line without an end is a reject as well'

yes "$(printf '%1000s' '')" | head -n $((size * 1048)) | gzip -1 >blank.jsonl.gz
stays "$size MB of blank lines in a gzip of $(stat -c %s blank.jsonl.gz) bytes" blank.jsonl.gz
is "$(sql 'SELECT lines, ignored FROM calltally.source')" "$((size * 1048))|$((size * 1048))" \
	'each of them is in the books'
kept '^$' 'none is rejected'

python3 -c '
import os, sys
for i in range(int(sys.argv[1])):
    if i % 1000 == 0:
        folder = "files/%d" % (i // 1000)
        os.makedirs(folder)
    with open("%s/%d.jsonl" % (folder, i), "w") as f:
        f.write(sys.argv[2].replace("%s", str(i)).replace("\\n", "\n"))' "$files" "$event"
stays "$files files of a line" files
is "$(sql 'SELECT count(*), sum(lines), bool_and(finished) FROM calltally.source')" \
	"$files|$files|t" 'each has its row in the ledger'
is "$(sql 'SELECT count(*) FROM calltally.call')" "$files" 'and its call'
try ct ingest --json files
is "$(json 'd["files_unchanged"], d["lines"]')" "[$files, 0]" 'none is read again'
# shellcheck disable=SC2059
for f in files/0/0.jsonl "files/$(((files - 1) / 1000))/$((files - 1)).jsonl"; do
	printf "$event" "$f" >>"$f"
done
try ct ingest --json files
is "$(json 'd["files_unchanged"], d["files"], d["lines"], d["events"]')" "[$((files - 2)), 2, 2, 2]" \
	'of the first and the last, which have grown, only what is new is read'
finish
