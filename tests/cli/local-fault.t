#!/bin/bash
# Whatever happens to the private cluster or to who makes it: the next command
# works, or tells what to do; no half of a cluster is ever taken for a whole.
# shellcheck source-path=SCRIPTDIR source=tap.sh
. "${0%/*}/tap.sh"
# shellcheck source-path=SCRIPTDIR source=sample.sh
. "$here/sample.sh"

# As root the cluster belongs to the user postgres, who must get there.
chmod 711 "$tmp"
mkdir -m 711 state
folder=$tmp/state/calltally

stop() {
	ct local stop --folder "$folder" >/dev/null 2>&1
	cleanup
}
trap stop EXIT

# starts NAME: a start makes or mends it, a question is answered, nothing half is left
starts() {
	try ct local start --json --folder "$folder"
	status 0 "$1: the next start works"
	pid=$(json 'd["pid"]')
	dsn=$(json 'd["dsn"]')
	is "$(psql -X -At "$dsn" -c 'SELECT 1')" 1 "$1: and answers"
	is "$(find "$folder" -maxdepth 1 -name '*data.new*')" '' "$1: no half is left"
}

again() {
	ct local stop --folder "$folder" >/dev/null
	rm -rf "$folder"
}

# killed NAME PATTERN: SIGKILL for a start and all its processes once a file of the pattern is there
killed() {
	setsid "$CALLTALLY" local start --folder "$folder" >/dev/null 2>&1 &
	group=$!
	until compgen -G "$2" >/dev/null || ! kill -0 $group 2>/dev/null; do sleep 0.01; done
	kill -9 -- -$group 2>/dev/null
	wait $group 2>/dev/null
	starts "$1"
}

### Who makes it is killed
killed 'killed when initdb begins' "$folder/data.new-*"
again
killed 'killed in the middle of initdb' "$folder/data.new-*/base/1/*"
again
killed 'killed when its files are written' "$folder/data.new-*/pg_ident.conf"
again
killed 'killed when the cluster has its name' "$folder/data/PG_VERSION"

### Its server is killed
kill -9 "$pid"
starts 'a server that was killed'
kill -9 "$pid"
sleep 30 &
sleeper=$!
lines=$(tail -n +2 "$folder/data/postmaster.pid")
printf '%s\n%s\n' $sleeper "$lines" >"$folder/data/postmaster.pid"
starts 'a postmaster.pid whose number is another process now'
kill $sleeper
kill -9 "$pid"
: >"$folder/data/postmaster.pid"
starts 'an empty postmaster.pid'

### Its server dies under an ingest
CALLTALLY_DSN=$dsn ct init >/dev/null
sample_dump >m.jsonl
mkfifo pipe
CALLTALLY_DSN=$dsn ct ingest --reconnect 1 pipe >said 2>&1 &
ingest=$!
exec 3>pipe
head -n 1 m.jsonl >&3
workers=$(psql -X -At "$dsn" -c 'SELECT pid FROM pg_stat_activity')
kill -9 "$pid"
# They outlive it by some milliseconds, in which one may still commit.
for worker in $pid $workers; do
	while grep -qs '^State:.[^ZX]' "/proc/$worker/status"; do sleep 0.01; done
done
cat m.jsonl >&3
exec 3>&-
wait $ingest
is $? 75 'a server that dies under an ingest: try again later'
like "$(cat said)" '^calltally: .*: ' 'and why'
starts 'after an ingest without a server'
CALLTALLY_DSN=$dsn try ct ingest --json m.jsonl
is "$(json 'd["events"]')" 4 'the next ingest loads all'

### What is no cluster of ours is told, and left as it is
ct local stop --folder "$folder" >/dev/null
version=$(cat "$folder/data/PG_VERSION")
echo 9 >"$folder/data/PG_VERSION"
try ct local start --folder "$folder"
status 1 'a cluster of another version is not started'
like "$err" '9.*' 'and it is said which'
echo "$version" >"$folder/data/PG_VERSION"
starts 'with its server'
ct local stop --folder "$folder" >/dev/null
mv "$folder/data/PG_VERSION" "$folder/kept"
try ct local start --folder "$folder"
status 1 'a folder that is no cluster is not taken for one'
like "$err" 'move it away' 'and what to do is said'
mv "$folder/kept" "$folder/data/PG_VERSION"
starts 'when it is a cluster again'

### No room for it
again
(ulimit -f 64; ct local start --folder "$folder") >said 2>&1
is $? 1 'no room for a cluster: not made'
like "$(cat said)" '^calltally: .*initdb failed: ' 'and why'
is "$(find "$folder" -maxdepth 1 -name 'data*')" '' 'no half of it stays'
starts 'when there is room'

finish
