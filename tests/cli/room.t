#!/bin/sh
# What an export compares waits in temporary files of its folder, which have no
# names. Where there is no room for them the message names the report and the
# folder, nothing is published, and once there is room all is as ever.
# shellcheck source-path=SCRIPTDIR source=tap.sh
. "${0%/*}/tap.sh"
# shellcheck source=ordered.sh
. "$here/ordered.sh"

fault=$here/../../$B/fault.so
[ -e "$fault" ] || { skip 'a full disk' "make $B/fault.so"; finish; }
own_report status summary
new_database
ct init >/dev/null
fill_calls 10000 4

# full N ARGUMENT...: the n-th write to a file without a name, and all after it,
# have no room.
full() {
	n=$1
	shift
	rm -rf out
	try env FAULT="write@(deleted):$n+:ENOSPC" LD_PRELOAD="$fault" \
		"$CALLTALLY" export --out out "$@"
}

# told REPORT NAME: so it was, and nothing of it is left
told() {
	like "$status $err" "^1 calltally: $1: out: cannot write a temporary file: No space left on device$" \
		"$2: it is told"
	is "$(ls -A out)" '' "$2: no file is left"
	is "$(sql 'SELECT count(*) FROM calltally.publication')" "$published" "$2: nothing is on record"
}

published=0
full 1 --reports own --report calls
told 'report calls' 'the first export'
full 1 --reports own --report mine
told 'own/mine\.sql' 'in an order of its own'
full 10 --reports own --report mine
told 'own/mine\.sql' 'in an order of its own, later'
try ct export --out out --reports own --report calls,mine
status 0 'with room it is published'

published=1
sql "UPDATE calltally.call SET status = 'x'"
for n in 1 10 20; do
	full $n --reports own --report calls
	told 'report calls' "what is restated, write $n"
done
full 10 --reports own --report calls --changed
told 'report calls' 'changed days'
full 1 --as-of "$(date -u +%F)" --report mine
told 'mine\.csv' 'what was published then'
rm -rf out
try ct export --out out --reports own --report calls,mine
status 0 'with room it is restated'
is "$(wc -l <out/restatements.csv)" 20001 'all of it'
finish
