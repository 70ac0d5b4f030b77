#!/usr/bin/env bash
#
# layout.sh - compare PostgreSQL table layouts for call_event and call
#
# Starts a private PostgreSQL cluster in a temporary folder, fills the
# layouts below with the same rows in the same order, measures bulk loading
# and look-ups, prints a table and removes the cluster.
#
#   A  one table,              PRIMARY KEY (call_key, identity)
#   B  a partition each month, PRIMARY KEY (month, call_key, identity),
#      COPY goes straight into the partition of the month
#   C  one table,              PRIMARY KEY (month, call_key, identity)
#
# call is measured as A, PRIMARY KEY (call_key), and for comparison as
# C, PRIMARY KEY (month, call_key).
#
# How it is measured:
#   - The fill comes in batches in order of time, each sorted by key, into a
#     table that has its index from the start. So the indexes are as full as
#     those of a table in use, not as tight as fresh ones.
#   - The newest month is a quarter full at the start. The measured COPYs add
#     to it and are not taken back.
#   - "warm": the files are in the cache of the operating system as far as
#     they fit, shared_buffers is shared by all layouts, which take turns.
#     The order of the layouts changes from repeat to repeat.
#   - "cold": the server was restarted and the cached pages of its own files
#     were dropped. Nobody else's cache is touched.
#   - Each COPY runs in a transaction of its own. "checkpoint" means that a
#     CHECKPOINT came right before it (every first change of a page writes
#     the full page), "next" means that it follows such a COPY directly.

set -euo pipefail
export LC_ALL=C

usage() {
	cat <<'USAGE'
usage: layout.sh [-n events] [-m months] [-r repeats] [-u user] [-o file]
  -n events   rows of call_event, 1000000 or more (default 10000000)
  -m months   months they are spread over (default 12 for each 10000000, least 2)
  -r repeats  repeats of each measure, the median counts (default 3)
  -u user     system user to run the server as, if started by root
              (default postgres)
  -o file     also write every single measure to this file, tab separated
TMPDIR says where the cluster goes (default /tmp); it takes about 3 KB for
each event.
USAGE
}

die() {
	printf 'layout.sh: %s\n' "$*" >&2
	exit 1
}

say() {
	printf '%4d s  %s\n' "$SECONDS" "$*" >&2
}

events=10000000
months=
repeats=3
user=postgres
out=
while getopts n:m:r:u:o:h opt; do
	case $opt in
	n) events=$OPTARG ;;
	m) months=$OPTARG ;;
	r) repeats=$OPTARG ;;
	u) user=$OPTARG ;;
	o) out=$OPTARG ;;
	h)
		usage
		exit 0
		;;
	*)
		usage >&2
		exit 2
		;;
	esac
done
shift $((OPTIND - 1))
if (($# > 0)); then
	usage >&2
	exit 2
fi
if [[ -n $out ]]; then
	[[ $out == /* ]] || out=$PWD/$out
	: >"$out" || die "cannot write $out"
fi
for number in "$events" "${months:-2}" "$repeats"; do
	[[ $number =~ ^[1-9][0-9]{0,9}$ ]] || die "not a number: $number"
done
((events >= 1000000)) || die "-n must be 1000000 or more"
if [[ -z $months ]]; then
	months=$(((events * 12 + 5000000) / 10000000))
	((months >= 2)) || months=2
fi
((months >= 2)) || die "-m must be 2 or more"

per_call=4
batch=25000
calls=$((events / per_call))
# months - 1 full months and a quarter of the newest one
month_calls=$((calls * 4 / (4 * months - 3) + 1))
newest=$(((calls - 1) / month_calls + 1))
newest_from=$(((newest - 1) * month_calls))
((calls - newest_from >= batch)) || die "the newest month would hold fewer than $batch calls: use fewer months"
# calls to replace: 2 ways, repeats times, recent ones and as many spread before them
((calls >= 4 * repeats * batch)) || die "too few rows for $repeats repeats: use more events"

# ---------------------------------------------------------------- cluster

for name in $(compgen -e); do
	case $name in
	PG*) unset "$name" ;;
	esac
done

bin=
candidates=()
if command -v pg_config >/dev/null; then
	candidates+=("$(pg_config --bindir)")
fi
for folder in /usr/lib/postgresql/*/bin; do
	candidates+=("$folder")
done
for folder in "${candidates[@]}"; do
	if [[ -x $folder/initdb && -x $folder/pg_ctl && -x $folder/psql ]]; then
		bin=$folder
		break
	fi
done
[[ -n $bin ]] || die "no PostgreSQL server programs found"

as_user=()
if ((EUID == 0)); then
	as_user=(runuser -u "$user" --)
fi

dir=$(mktemp -d "${TMPDIR:-/tmp}/layout.XXXXXX")
cleanup() {
	trap - EXIT INT TERM
	cd /
	if [[ -f $dir/data/postmaster.pid ]]; then
		"${as_user[@]}" "$bin/pg_ctl" -D "$dir/data" -m immediate -w stop >/dev/null 2>&1 || true
	fi
	rm -rf -- "$dir"
}
trap cleanup EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
if ((EUID == 0)); then
	chown "$user" "$dir"
fi
cd "$dir"

server() {
	# the server must not inherit our descriptors
	"${as_user[@]}" "$bin/pg_ctl" -D "$dir/data" -l "$dir/server.log" -w -t 600 -s "$@" \
		</dev/null >/dev/null 2>&1 || {
		tail -n 20 "$dir/server.log" >&2
		die "pg_ctl $* failed"
	}
}

sql() {
	"$bin/psql" -X -q -A -t -v ON_ERROR_STOP=1 -h "$dir/socket" -U bench -d postgres "$@"
}

"${as_user[@]}" mkdir -m 700 "$dir/socket" "$dir/rows"
"${as_user[@]}" "$bin/initdb" -D "$dir/data" -U bench -A trust -E UTF8 --locale=C >"$dir/initdb.log" 2>&1 ||
	die "initdb failed: $(tail -n 3 "$dir/initdb.log")"
cat >>"$dir/data/postgresql.conf" <<CONF
listen_addresses = ''
unix_socket_directories = '$dir/socket'
fsync = on
synchronous_commit = on
full_page_writes = on
wal_level = replica
wal_compression = lz4
shared_buffers = 512MB
max_wal_size = 8GB
checkpoint_timeout = 30min
work_mem = 64MB
maintenance_work_mem = 512MB
autovacuum = off
jit = off
synchronize_seqscans = off
timezone = 'UTC'
CONF
server start
sql -c "SELECT 'PostgreSQL ' || current_setting('server_version')"
say "$events events, $calls calls, $months months of $month_calls calls, newest: $((calls - newest_from))"

# ----------------------------------------------------------------- tables

event_keys='call_key uuid NOT NULL, identity uuid NOT NULL, event_time timestamptz NOT NULL,
	source_id bigint NOT NULL, line bigint NOT NULL, duration_ms bigint, octets_in bigint,
	octets_out bigint, sequence bigint'
event_texts='kind text NOT NULL, type text NOT NULL, caller text, callee text, trunk_in text,
	trunk_out text, node text, cause text, codec text, direction text, account text,
	reference text, user_agent text, remote text'
event_cols_a='call_key, identity, event_time, source_id, line, duration_ms, octets_in, octets_out,
	sequence, kind, type, caller, callee, trunk_in, trunk_out, node, cause, codec, direction,
	account, reference, user_agent, remote'
event_cols_m=${event_cols_a/sequence,/sequence, month,}

call_keys='call_key uuid NOT NULL, started timestamptz NOT NULL, ended timestamptz,
	n1 bigint, n2 bigint, n3 bigint, n4 bigint, n5 bigint, n6 bigint, n7 bigint, n8 bigint'
call_texts='caller text, callee text, account text, cause text, codec text'
call_cols_a='call_key, started, ended, n1, n2, n3, n4, n5, n6, n7, n8,
	caller, callee, account, cause, codec'
call_names=(started ended n1 n2 n3 n4 n5 n6 n7 n8 caller callee account cause codec)
for i in {1..15}; do
	call_texts+=", t$i text"
	call_cols_a+=", t$i"
	call_names+=("t$i")
done
call_cols_m=${call_cols_a/n8,/n8, month,}

sql <<SQL
CREATE TABLE ev_a ($event_keys, $event_texts, PRIMARY KEY (call_key, identity));
CREATE TABLE ev_a_empty (LIKE ev_a INCLUDING ALL);
CREATE TABLE ev_c ($event_keys, month smallint NOT NULL, $event_texts,
	PRIMARY KEY (month, call_key, identity));
CREATE TABLE ev_c_empty (LIKE ev_c INCLUDING ALL);
CREATE TABLE ev_b ($event_keys, month smallint NOT NULL, $event_texts,
	PRIMARY KEY (month, call_key, identity)) PARTITION BY RANGE (month);
CREATE TABLE ev_b_empty (LIKE ev_b INCLUDING ALL) PARTITION BY RANGE (month);
SELECT format('CREATE TABLE %1\$s_p%2\$s PARTITION OF %1\$s FOR VALUES FROM (%2\$s) TO (%3\$s)',
	t, m, m + 1)
FROM generate_series(1, $newest) m, unnest('{ev_b,ev_b_empty}'::text[]) t \\gexec

CREATE TABLE call_a ($call_keys, $call_texts, PRIMARY KEY (call_key));
CREATE TABLE call_a_empty (LIKE call_a INCLUDING ALL);
CREATE TABLE call_c ($call_keys, month smallint NOT NULL, $call_texts,
	PRIMARY KEY (month, call_key));
CREATE TABLE call_c_empty (LIKE call_c INCLUDING ALL);

CREATE FUNCTION key_of(c bigint) RETURNS uuid LANGUAGE sql IMMUTABLE
	RETURN md5('call ' || c)::uuid;
CREATE FUNCTION month_of(c bigint) RETURNS smallint LANGUAGE sql IMMUTABLE
	RETURN least(c / $month_calls + 1, $newest)::smallint;
CREATE FUNCTION time_of(c bigint) RETURNS timestamptz LANGUAGE sql IMMUTABLE
	RETURN make_timestamptz((2020 + (month_of(c) - 1) / 12)::int, ((month_of(c) - 1) % 12 + 1)::int,
		1, 0, 0, 0, 'UTC') + (c % $month_calls) * (interval '27 days' / $month_calls);

-- the calls c0 to c1 - 1 in batches, each sorted by key
CREATE FUNCTION calls(c0 bigint, c1 bigint)
RETURNS TABLE (c bigint, call_key uuid, month smallint, at timestamptz) LANGUAGE sql STABLE AS '
	SELECT c, key_of(c), month_of(c), time_of(c) FROM generate_series(c0, c1 - 1) c
	ORDER BY c / $batch, key_of(c)';

CREATE FUNCTION events(c0 bigint, c1 bigint) RETURNS SETOF ev_c LANGUAGE sql STABLE AS '
	SELECT s.call_key, h::uuid, s.at + e * interval ''7 seconds'', 1 + s.c / 5000,
		(s.c % 5000) * 4 + e, (s.c * 7919) % 600000, (s.c * 104729) % 9000000,
		(s.c * 1299709) % 9000000, e, s.month,
		(ARRAY[''start'', ''answer'', ''update'', ''stop''])[e],
		(ARRAY[''voice'', ''video'', ''message'', ''data''])[1 + s.c % 4],
		''+44'' || 1000000000 + (s.c * 7919) % 900000000,
		''+49'' || 1000000000 + (s.c * 15485863) % 900000000,
		''trunk-'' || substr(h, 1, 2) || ''.carrier'',
		''trunk-'' || substr(h, 3, 2) || ''.carrier'',
		''node-'' || substr(h, 5, 1) || ''.core.example'',
		(ARRAY[''normal clearing'', ''user busy'', ''no answer'', ''congestion''])[1 + s.c % 4],
		(ARRAY[''PCMA/8000'', ''PCMU/8000'', ''G722/8000'', ''opus/48000''])[1 + s.c % 4],
		(ARRAY[''inbound'', ''outbound''])[1 + s.c % 2],
		''acct-'' || 100000 + s.c % 50000,
		substr(h, 9, 24) || ''@gw'' || substr(h, 5, 1),
		(ARRAY[''ExampleSBC/9.2.1 (build 5512)'', ''Softphone/3.18 Android 13'',
			''DeskPhone-T46/108.86.0.20'', ''Exchange/22.7'' ])[1 + s.c % 4],
		''10.'' || s.c % 256 || ''.'' || s.c / 256 % 256 || ''.'' || e || '':5060''
	FROM (SELECT * FROM calls(c0, c1) OFFSET 0) s
	CROSS JOIN LATERAL generate_series(1, $per_call) e
	CROSS JOIN LATERAL (SELECT md5(s.c || ''.'' || e) OFFSET 0) x(h)';

CREATE FUNCTION call_rows(c0 bigint, c1 bigint) RETURNS SETOF call_c LANGUAGE sql STABLE AS '
	SELECT s.call_key, s.at, s.at + interval ''2 minutes'', s.c, s.c % 7, s.c % 600000,
		s.c * 7919 % 9000000, s.c * 104729 % 9000000, s.c % 3, s.c % 5, s.c / 5000, s.month,
		''+44'' || 1000000000 + (s.c * 7919) % 900000000,
		''+49'' || 1000000000 + (s.c * 15485863) % 900000000,
		''acct-'' || 100000 + s.c % 50000, ''normal clearing'', ''PCMA/8000'',
		h || ''@gw'' || substr(h, 5, 1), substr(h, 1, 16), ''trunk-'' || substr(h, 1, 2) || ''.carrier'',
		''trunk-'' || substr(h, 3, 2) || ''.carrier'', ''node-'' || substr(h, 5, 1) || ''.core.example'',
		''ExampleSBC/9.2.1 (build 5512)'', ''Softphone/3.18 Android 13 (release)'',
		''10.'' || s.c % 256 || ''.'' || s.c / 256 % 256 || ''.1:5060'',
		''10.'' || s.c / 256 % 256 || ''.'' || s.c % 256 || ''.2:5060'',
		''sip:+44'' || 1000000000 + (s.c * 7919) % 900000000 || ''@customer.example;user=phone'',
		''sip:+49'' || 1000000000 + (s.c * 15485863) % 900000000 || ''@carrier.example;user=phone'',
		''tariff-'' || s.c % 40 || ''/peak'', ''zone-'' || s.c % 200, reverse(h),
		''route-'' || s.c % 900 || ''-primary-fallback''
	FROM (SELECT * FROM calls(c0, c1) OFFSET 0) s
	CROSS JOIN LATERAL (SELECT md5(s.c::text) OFFSET 0) x(h)';
SQL

# ------------------------------------------------------------------- fill

fill() {
	say "filling $1"
	sql -c "SET synchronous_commit = off; SET work_mem = '512MB'; $2"
	sql -c "VACUUM (ANALYZE) $1"
}

fill ev_a "INSERT INTO ev_a SELECT $event_cols_a FROM events(0, $calls)"
month_expr='((date_part('\''year'\'', event_time) - 2020) * 12 + date_part('\''month'\'', event_time))::smallint'
for t in ev_b ev_c; do
	# the order on disk is the order of the first fill
	fill $t "SET max_parallel_workers_per_gather = 0; SET enable_indexscan = off;
		INSERT INTO $t ($event_cols_m) SELECT ${event_cols_m/month/$month_expr} FROM ev_a"
done
fill call_a "INSERT INTO call_a SELECT $call_cols_a FROM call_rows(0, $calls)"
fill call_c "INSERT INTO call_c SELECT * FROM call_rows(0, $calls)"

say "writing the batches"
# full: one for each repeat of checkpoint, next and cold, and one without compression
batches=$((3 * repeats + 1))
for ((i = 0; i < batches; i++)); do
	from=$((calls + i * batch))
	to=$((from + batch))
	sql <<SQL
SET work_mem = '512MB';
CREATE TEMP TABLE e AS SELECT * FROM events($from, $to) ORDER BY call_key, identity;
COPY e ($event_cols_a) TO '$dir/rows/ev_a.$i';
COPY e ($event_cols_m) TO '$dir/rows/ev_m.$i';
CREATE TEMP TABLE c AS SELECT * FROM call_rows($from, $to);
COPY c ($call_cols_a) TO '$dir/rows/call_a.$i';
COPY c ($call_cols_m) TO '$dir/rows/call_m.$i';
SQL
done
# sets of calls: recent and spread to look up, absent ones, and those to replace
sql <<SQL
CREATE TABLE keyset (name text, c bigint, call_key uuid, month smallint);
INSERT INTO keyset SELECT 'recent', c, key_of(c), month_of(c)
	FROM generate_series($newest_from::bigint, $calls - 1) c ORDER BY md5('r' || c) LIMIT $batch;
INSERT INTO keyset SELECT 'spread', c, key_of(c), month_of(c)
	FROM (SELECT i * $calls / $batch AS c FROM generate_series(0::bigint, $batch - 1) i) s;
INSERT INTO keyset SELECT 'absent', c, key_of(-1 - c), month_of($calls)
	FROM generate_series(1::bigint, $batch) c;
-- each set of recent ones is $batch calls in a row, the newest last
INSERT INTO keyset SELECT 'replace recent ' || r, c, key_of(c), month_of(c)
	FROM generate_series(1, 2 * $repeats) r,
	generate_series(($calls - r * $batch)::bigint, $calls - (r - 1) * $batch - 1) c;
-- the spread ones lie before those, and no call is in two sets
INSERT INTO keyset SELECT 'replace spread ' || r, c, key_of(c), month_of(c)
	FROM generate_series(1, 2 * $repeats) r, LATERAL (
		SELECT i * (($calls - 2 * $repeats * $batch) / $batch) + r - 1 AS c
		FROM generate_series(0::bigint, $batch - 1) i) s;
CREATE INDEX ON keyset (name);
ANALYZE keyset;
SQL
wrong=$(sql <<SQL
SELECT k.name, count(*), count(DISTINCT k.call_key), count(t.call_key)
FROM keyset k LEFT JOIN call_a t USING (call_key) GROUP BY 1
HAVING count(*) <> $batch OR count(DISTINCT k.call_key) <> $batch
	OR count(t.call_key) <> CASE name WHEN 'absent' THEN 0 ELSE $batch END
UNION ALL
SELECT 'two sets to replace', count(*), count(DISTINCT call_key), 0
FROM keyset WHERE name LIKE 'replace%' HAVING count(*) <> count(DISTINCT call_key);
SQL
)
[[ -z $wrong ]] || die "wrong sets of calls: $wrong"

# ------------------------------------------------------------------ cold

file_cache=warm
drop_cache() {
	server -m fast stop
	find "$dir/data/base" -type f -size +1M -exec sh -c '
		for file; do dd if="$file" iflag=nocache count=0 status=none; done' sh {} +
	server start
}

# --------------------------------------------------------------- measures

# measure NAME LAYOUT [BEFORE]: the statements of standard input are timed,
# those of BEFORE come first and are not
measure() {
	local name=$1 layout=$2 before=${3-} result
	{
		printf '%s\n' "$before"
		cat <<'SQL'
SELECT pg_current_wal_lsn() AS lsn \gset
\timing on
SQL
		cat
		cat <<'SQL'
\timing off
SELECT 'WAL: ' || pg_wal_lsn_diff(pg_current_wal_lsn(), :'lsn');
SQL
	} >"$dir/measure.sql"
	result=$(sql -f "$dir/measure.sql" | awk '
		/^Time: / { ms += $2 }
		/^WAL: / { wal = $2 }
		END { printf "%.3f\t%d", ms, wal }')
	printf '%s\t%s\t%s\n' "$name" "$layout" "$result" >>"$dir/results"
}

# plan NAME LAYOUT BEFORE: notes how the query of standard input reads the table
plan() {
	local name=$1 layout=$2 before=$3 nodes
	{
		printf '%s\nEXPLAIN (COSTS OFF)\n' "$before"
		cat
	} >"$dir/plan.sql"
	nodes=$(sql -f "$dir/plan.sql" | cut -c1-200 |
		awk '/^ *(->  )?[A-Z][A-Za-z ]*( on | using |$)/ && !/Function Scan/ {
			sub(/^ *(->  )?/, ""); sub(/ (on|using) .*/, "")
			if (!seen[$0]++ && /Scan|Loop|Hash Join|Merge/) printf "%s%s", n++ ? ", " : "", $0
		}')
	printf '%s\t%s\t%s\n' "$name" "$layout" "$nodes" >>"$dir/plans"
}

copy() {
	printf "BEGIN;\nCOPY %s (%s) FROM '%s';\nCOMMIT;\n" "$1" "$2" "$dir/rows/$3"
}

# keys SET: sets the psql variables keys, months and, for the keys of a month, keys_1 and so on
keys() {
	local m by_month=
	for ((m = 1; m <= newest; m++)); do
		by_month+=", array_agg(call_key ORDER BY call_key) FILTER (WHERE month = $m) AS keys_$m"
	done
	cat <<SQL
SELECT array_agg(call_key ORDER BY call_key) AS keys,
	array_agg(month ORDER BY call_key) AS months$by_month
FROM keyset WHERE name = '$1' \\gset
\\set all_months {$(seq -s, 1 "$newest")}
SQL
}

# lookup TABLE FORM [MONTH]: the query alone
lookup() {
	local cols=$event_cols_a
	case $1 in
	call*) cols=$call_cols_a ;;
	esac
	cols="t.${cols//, /, t.}"
	cols=${cols//,$'\n\t'/, t.}
	printf 'SELECT %s FROM ' "$cols"
	case $2 in
	any) printf "%s t WHERE t.call_key = ANY (:'keys'::uuid[])" "$1" ;;
	months) printf "%s t WHERE t.month = ANY (:'all_months'::smallint[])
		AND t.call_key = ANY (:'keys'::uuid[])" "$1" ;;
	join) printf "unnest(:'keys'::uuid[]) k(call_key) JOIN %s t USING (call_key)" "$1" ;;
	pairs) printf "unnest(:'months'::smallint[], :'keys'::uuid[]) k(month, call_key)
		JOIN %s t USING (month, call_key)" "$1" ;;
	month) printf "%s t WHERE t.month = %s AND t.call_key = ANY (:'keys_%s'::uuid[])" "$1" "$3" "$3" ;;
	esac
}

# rotate N ITEM...: the items, one a line, starting with another one for each N
rotate() {
	local n=$(($1 % ($# - 1)))
	shift
	printf '%s\n' "${@:n + 1}" "${@:1:n}"
}

nested_loop='SET enable_hashjoin = off; SET enable_mergejoin = off;'

# run_lookup NAME LAYOUT TABLE FORM KEYSET [SETTINGS]
# The form "month" is a statement for each month of the set.
run_lookup() {
	local name=$1 layout=$2 table=$3 form=$4 set=$5 before m rows expected
	local months=("$newest")
	before="$(keys "$set")
${6-}"
	if [[ $form == month && $set == spread ]]; then
		mapfile -t months < <(seq 1 "$newest")
	elif [[ $form != month ]]; then
		months=('')
	fi
	if [[ $file_cache == warm ]] && ((r == 0)); then
		plan "$name" "$layout" "$before" <<<"$(lookup "$table" "$form" "${months[0]}");"
		expected=$((batch * per_call))
		[[ $set != absent ]] || expected=0
		rows=$({
			printf '%s\n' "$before"
			for m in "${months[@]}"; do
				printf 'SELECT count(*) FROM (%s) s;\n' "$(lookup "$table" "$form" "$m")"
			done
		} | sql -f - | awk '{ n += $1 } END { print n + 0 }')
		((rows == expected)) || die "$name, $layout: $rows rows, not $expected"
	fi
	for m in "${months[@]}"; do
		printf "COPY (%s) TO '/dev/null';\n" "$(lookup "$table" "$form" "$m")"
	done | measure "$name" "$layout" "$before"
}

# look-ups of events with = ANY: A table form, B and C with a statement for each month
any_forms=('A ev_a any' 'B ev_b month' 'C ev_c month')
# by_month SET TURN
by_month() {
	local turns layout table form
	mapfile -t turns < <(rotate "$2" "${any_forms[@]}")
	for form in "${turns[@]}"; do
		read -r layout table form <<<"$form"
		run_lookup "events: look-up $1, $file_cache, = ANY by month" "$layout" "$table" "$form" "$1"
	done
}

for ((r = 0; r <= repeats; r++)); do
	say "look-ups, warm, $r of $repeats"
	by_month recent $r
	by_month spread $r
	name='events: look-up recent, warm, JOIN unnest'
	run_lookup "$name" A ev_a join recent
	run_lookup "$name" B ev_b pairs recent
	run_lookup "$name" C ev_c pairs recent
	for set in recent spread; do
		name="events: look-up $set, warm, JOIN, only nested loop"
		run_lookup "$name" A ev_a join $set "$nested_loop"
		run_lookup "$name" B ev_b pairs $set "$nested_loop"
		run_lookup "$name" C ev_c pairs $set "$nested_loop"
	done
	name='events: look-up spread, warm, month unknown'
	run_lookup "$name" A ev_a any spread
	run_lookup "$name" B ev_b any spread
	run_lookup "$name" C ev_c months spread
	run_lookup 'call: look-up absent, warm, = ANY' A call_a any absent
	run_lookup 'call: look-up absent, warm, = ANY' C call_c month absent
	if ((r == 0)); then
		# the first round only warms the cache
		: >"$dir/results"
	fi
done

file_cache=cold
for ((r = 1; r <= repeats; r++)); do
	say "look-ups, cold, $r of $repeats"
	for set in recent spread; do
		drop_cache
		by_month $set $r
	done
	run_lookup 'call: look-up absent, cold, = ANY' A call_a any absent
	run_lookup 'call: look-up absent, cold, = ANY' C call_c month absent
done
file_cache=warm

no_compression='SET wal_compression = off;'

for ((r = 1; r <= repeats; r++)); do
	say "COPY into empty tables, $r of $repeats"
	for t in "A ev_a_empty ev_a" "B ev_b_empty_p$newest ev_m" "C ev_c_empty ev_m" \
		"B-parent ev_b_empty ev_m" "A call_a_empty call_a" "C call_c_empty call_m"; do
		read -r layout table file <<<"$t"
		cols=event_cols_${file#*_}
		what=events
		if [[ $table == call* ]]; then
			cols=call_cols_${file#*_}
			what=call
		fi
		measure "$what: COPY into empty, checkpoint" "$layout" "TRUNCATE $table; CHECKPOINT;" \
			<<<"$(copy "$table" "${!cols}" "$file.0")"
		if ((r == 1)); then
			measure "$what: COPY into empty, checkpoint, WAL not compressed" "$layout" \
				"$no_compression TRUNCATE $table; CHECKPOINT;" <<<"$(copy "$table" "${!cols}" "$file.0")"
		fi
	done
done

# full_copy KIND BATCH BEFORE TURN: the batch into every full table
full_copy() {
	local turns t layout table file cols what
	mapfile -t turns < <(
		rotate "$4" "A ev_a ev_a" "B ev_b_p$newest ev_m" "C ev_c ev_m"
		rotate "$4" "A call_a call_a" "C call_c call_m"
	)
	for t in "${turns[@]}"; do
		read -r layout table file <<<"$t"
		cols=event_cols_${file#*_}
		what=events
		if [[ $table == call* ]]; then
			cols=call_cols_${file#*_}
			what=call
		fi
		measure "$what: COPY into full, $1" "$layout" "$3" <<<"$(copy "$table" "${!cols}" "$file.$2")"
		if [[ $1 == checkpoint ]]; then
			measure "$what: COPY into full, next" "$layout" "" \
				<<<"$(copy "$table" "${!cols}" "$file.$(($2 + 1))")"
		fi
	done
}

i=0
for ((r = 1; r <= repeats; r++)); do
	say "COPY into full tables, $r of $repeats"
	full_copy checkpoint $i 'CHECKPOINT;' $r
	drop_cache
	full_copy 'cold, checkpoint' $((i + 2)) 'CHECKPOINT;' $r
	i=$((i + 3))
	if ((r == 1)); then
		full_copy 'checkpoint, WAL not compressed' $i "$no_compression CHECKPOINT;" $r
		i=$((i + 1))
	fi
done

# --------------------------------------------------- replacing rows of call

arrays=
sets=
names=call_key
aggregates='array_agg(t.call_key ORDER BY t.call_key) AS keys'
for name in "${call_names[@]}"; do
	case $name in
	started | ended) type=timestamptz ;;
	n*) type=bigint ;;
	*) type=text ;;
	esac
	arrays+=", :'v_$name'::${type}[]"
	sets+="${sets:+, }$name = u.$name"
	names+=", $name"
	aggregates+=", array_agg(t.$name ORDER BY t.call_key) AS v_$name"
done
update="UPDATE call_a t SET $sets FROM unnest(:'keys'::uuid[]$arrays) u($names)
	WHERE t.call_key = u.call_key"

replace() {
	local set=$1 name="call: replace $1" number=$2 before
	before="SELECT $aggregates FROM keyset k JOIN call_a t USING (call_key)
		WHERE k.name = 'replace $set $number' \\gset
		CHECKPOINT;"
	if ((number == 1)); then
		plan "$name" UPDATE "$before" <<<"$update;"
	fi
	measure "$name" UPDATE "$before" <<<"BEGIN;
$update;
COMMIT;"
	if [[ $set == recent ]]; then
		measure 'call: only the arrays of that UPDATE' SELECT "$before" <<SQL
SELECT count(u) FROM unnest(:'keys'::uuid[]$arrays) u($names);
SQL
	fi
	number=$((number + repeats))
	sql -c "COPY (SELECT ${call_cols_a/call_key/t.call_key} FROM keyset k JOIN call_a t USING (call_key)
		WHERE k.name = 'replace $set $number' ORDER BY t.call_key) TO '$dir/rows/replace'" | sed '/^COPY/d'
	before="$(keys "replace $set $number")
		CHECKPOINT;"
	if ((number == repeats + 1)); then
		plan "$name" DELETE+COPY "$before" <<<"DELETE FROM call_a WHERE call_key = ANY (:'keys'::uuid[]);"
	fi
	measure "$name" DELETE+COPY "$before" <<<"BEGIN;
DELETE FROM call_a WHERE call_key = ANY (:'keys'::uuid[]);
COPY call_a ($call_cols_a) FROM '$dir/rows/replace';
COMMIT;"
}

for ((r = 1; r <= repeats; r++)); do
	say "replacing rows of call, $r of $repeats"
	replace recent $r
	replace spread $r
done

# ------------------------------------------------------------------ report

say "done"
if [[ -n $out ]]; then
	cat "$dir/results" >"$out"
fi
sort -u "$dir/plans" >"$dir/plans.u"
"$bin/psql" -X -q -v ON_ERROR_STOP=1 -P footer=off -P null=- -h "$dir/socket" -U bench -d postgres <<SQL
CREATE TABLE result (n serial, measure text, layout text, ms float8, wal float8);
\\copy result (measure, layout, ms, wal) FROM '$dir/results'
CREATE TABLE plan (measure text, layout text, plan text);
\\copy plan FROM '$dir/plans.u'

\\echo
\\echo Tables at the end
SELECT coalesce(p.inhparent, c.oid)::regclass AS table,
	count(*) AS parts, sum(c.reltuples)::bigint AS "rows at fill",
	round(sum(pg_table_size(c.oid)) / 1048576) AS "heap MB",
	round(sum(pg_indexes_size(c.oid)) / 1048576) AS "index MB",
	round(sum(pg_table_size(c.oid)) / ($batches * $batch + $calls)
		/ CASE WHEN min(c.relname) ~ '^ev' THEN $per_call ELSE 1 END)
		AS "heap bytes a row"
FROM pg_class c LEFT JOIN pg_inherits p ON p.inhrelid = c.oid
WHERE c.relkind = 'r' AND c.relname ~ '^(ev|call)_[abc](_p[0-9]+)?\$'
GROUP BY 1 ORDER BY 1;

\\echo
\\echo Medians; ratio is to the first layout of the same measure
WITH m AS (
	SELECT measure, layout, min(n) AS n, count(*) AS runs,
		percentile_cont(0.5) WITHIN GROUP (ORDER BY ms) AS ms, min(ms) AS least, max(ms) AS most,
		percentile_cont(0.5) WITHIN GROUP (ORDER BY wal) AS wal
	FROM result GROUP BY 1, 2)
SELECT m.measure, m.layout, runs, round(ms) AS ms, round(least) || '-' || round(most) AS "from-to",
	round((ms / first_value(ms) OVER w)::numeric, 2) AS ratio,
	CASE WHEN wal > 1e6 THEN round((wal / 1048576)::numeric, 1) END AS "WAL MB",
	CASE WHEN wal > 1e6 THEN round((wal / first_value(wal) OVER w)::numeric, 2) END AS "WAL ratio",
	coalesce(plan, '') AS plan
FROM m LEFT JOIN plan USING (measure, layout)
WINDOW w AS (PARTITION BY m.measure ORDER BY m.layout)
ORDER BY min(n) OVER (PARTITION BY m.measure), m.layout;
SQL
