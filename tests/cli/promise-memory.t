#!/bin/sh
# Constant memory: under 128 MB by default, whatever comes.
# shellcheck source-path=SCRIPTDIR
# shellcheck source=tap.sh
. "${0%/*}/tap.sh"
# shellcheck source=peak.sh
. "$here/peak.sh"

new_database
ct init >/dev/null

yes x | head -n 600000 | gzip -1 >short.jsonl.gz
stays "600,000 lines of garbage" short.jsonl.gz

python3 -c '
for i in range(6):
    print("[" + "1," * 2097000 + "1]")' | gzip -1 >dense.jsonl.gz
stays "lines of 4 MiB that are all numbers" dense.jsonl.gz

python3 -c '
import json
for i in range(4):
    print(json.dumps({"event": {"type": "end-of-call", "data": {
        "call": {"id": "c%d" % i, "status": "completed"},
        "analysis": {"insights": {"k%d" % j: j for j in range(220000)}}}}}))
' | gzip -1 >keys.jsonl.gz
stays "insights of 220,000 members" keys.jsonl.gz

head -c 400000000 /dev/zero | tr '\0' a | gzip -1 >bomb.jsonl.gz
stays "a line of 400 MB" bomb.jsonl.gz
is "$(sql 'SELECT line_bytes, octet_length(raw) FROM calltally.reject ORDER BY 1 DESC LIMIT 1')" \
	'400000000|65536' "a line of 400 MB: a reject, its start kept"

"$GEN" --out dumps --calls 25000 --shuffle --transcripts --seed 3 >/dev/null || exit 70
stays "25,000 calls, shuffled" dumps

sql "INSERT INTO calltally.passage
		(digest, source_id, line, lines, ignored, loud, stored_at)
	SELECT gen_random_uuid(), (SELECT min(source_id) FROM calltally.source), 1, 64, 0,
		decode(repeat('ff', 32), 'hex'), now()
	FROM generate_series(1, 200000)" || exit 70
cp -r dumps copies
MEMORY_MB=40
stays "copies, where 200,000 passages are known, and 16 MB" --memory 16M copies
finish
