#!/bin/sh
# PgBouncer between calltally and the server: pooling by session works like the
# server itself; pooling by transaction, where a lock does not hold, is refused
# before anything is done, and could break no promise if it were not seen.
# shellcheck source-path=SCRIPTDIR source=tap.sh
. "${0%/*}/tap.sh"
# shellcheck source-path=SCRIPTDIR source=sample.sh
. "$here/sample.sh"
# shellcheck source-path=SCRIPTDIR source=books.sh
. "$here/books.sh"

bouncer=$(command -v pgbouncer || ls /usr/sbin/pgbouncer 2>/dev/null)
if [ -z "$bouncer" ]; then
	skip 'behind a pooler' 'pgbouncer is not installed'
	finish
fi

new_database
direct=$CALLTALLY_DSN
server=$(printf '%s' "$direct" | sed 's/.*host=\([^ ]*\).*/\1/')
user=$(printf '%s' "$direct" | sed 's/.*user=\([^ ]*\).*/\1/')
chmod 711 "$tmp"
mkdir pool
pool_pid=

# pooler MODE SIZE: a new one in that mode, on a Unix socket only.
pooler() {
	pooler_stop
	printf '"%s" ""\n' "$user" >pool/users
	cat >pool/ini <<END
[databases]
* = host=$server port=5432 user=$user
[pgbouncer]
listen_addr =
unix_socket_dir = $tmp/pool
listen_port = 6432
auth_type = trust
auth_file = $tmp/pool/users
pool_mode = $1
default_pool_size = $2
logfile = $tmp/pool/log
END
	set -- "$bouncer" -q "$tmp/pool/ini"
	if [ "$(id -u)" -eq 0 ]; then
		chown -R postgres: pool
		set -- setpriv --reuid=postgres --regid=postgres --init-groups "$@"
	fi
	(cd / && exec "$@") >/dev/null 2>&1 &
	pool_pid=$!
	n=0
	until psql -X -q "$pooled" -c 'SELECT 1' >/dev/null 2>&1; do
		n=$((n + 1))
		[ $n -lt 200 ] || { cat pool/log; echo 'Bail out! no pooler'; exit 1; }
		sleep 0.05
	done
}
pooler_stop() {
	[ -z "$pool_pid" ] || { kill "$pool_pid"; wait "$pool_pid" 2>/dev/null; }
	pool_pid=
}
# shellcheck disable=SC2317
trap 'pooler_stop; cleanup' EXIT
pooled="host=$tmp/pool port=6432 user=$user dbname=$database"

sample_dump >m.jsonl
sample_dispatch >d.jsonl
printf 'provider,assistant_id,name\nmiraiminds,a1,One\n' >names.csv
ct init >/dev/null

# ---- by transaction ----

pooler transaction 5
before=$(sql 'SELECT count(*) FROM calltally.run')
for c in init 'ingest m.jsonl' 'map names.csv' 'refold' 'rejects replay' status 'show call_1' \
    'export --out out' 'verify m.jsonl' 'pull --archive archive' 'run m.jsonl --out out'; do
	# shellcheck disable=SC2086
	try ct $c --dsn "$pooled"
	status 1 "by transaction: $c is refused"
	like "$err" '^calltally: .*pooler gives each transaction another server process.*pool by session$' \
	    "by transaction: $c says why, and what to do"
done
is "$(sql 'SELECT count(*) FROM calltally.run')" "$before" 'by transaction: nothing was done'
is "$(psql -X -q -At "$pooled" -c 'SHOW search_path' -c "SELECT current_setting('enable_seqscan')")" \
    '"$user", public
on' 'by transaction: nothing was left behind in processes that serve others'
is "$(sql "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'")" 0 'by transaction: nor a lock'

# ---- by session ----

pooler session 5
try ct ingest m.jsonl d.jsonl --dsn "$pooled" --json
status 3 'by session: ingest'
try ct map names.csv --dsn "$pooled"
status 0 'by session: map'
try ct export --out pooled --dsn "$pooled"
status 0 'by session: export, with both of its connections'
ct export --out direct >/dev/null
same_csv direct pooled 'by session: the CSV is that of the server itself'
balanced 'by session'
is "$(sql "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'")" 0 'by session: no lock stays behind'
psql -X -q "$pooled" -c 'SELECT pg_advisory_lock(7161124095560608876)' -c 'SELECT pg_sleep(30)' >/dev/null 2>&1 &
holder=$!
n=0
until [ "$(sql "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'")" = 1 ] || [ $n -gt 200 ]; do
	n=$((n + 1)); sleep 0.05
done
try ct ingest m.jsonl --dsn "$pooled" --wait 0
status 75 'by session: one writer at a time'
sql "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory'" >/dev/null
wait "$holder" 2>/dev/null

pooler session 1
try ct ingest d.jsonl --dsn "$pooled" --json
status 0 'by session with one process alone: ingest'

finish
