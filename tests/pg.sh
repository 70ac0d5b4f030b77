#!/bin/sh
# Runs a command beside a private, throw-away PostgreSQL.
#
#	tests/pg.sh [-o NAME=VALUE]... COMMAND [ARG]...
#
# The server lives in a temporary folder, listens on a Unix socket there and
# nowhere else, and belongs to the user postgres when this runs as root. The
# command finds it in CALLTALLY_TEST_DSN, an empty UTF8 database, and the server's
# programs in CALLTALLY_TEST_BINDIR; libpq's own
# variables are unset, so nothing else can be meant by accident. The server is
# stopped and the folder removed at the end, and the command's exit status is
# this script's. -o changes a server setting, as in -o fsync=off.
# PG_BINDIR names the folder of initdb, else the newest installed one is taken.

set -u

die() { printf 'pg.sh: %s\n' "$*" >&2; exit 70; }

settings=
while getopts o: option; do
	case $option in
	o) settings="$settings$OPTARG
" ;;
	*) die 'usage: pg.sh [-o NAME=VALUE]... COMMAND [ARG]...' ;;
	esac
done
shift $((OPTIND - 1))
[ $# -gt 0 ] || die 'usage: pg.sh [-o NAME=VALUE]... COMMAND [ARG]...'

# The folder of the newest installed server that is complete.
find_bindir() {
	for d in "${PG_BINDIR:-}" \
	    $(printf '%s\n' /usr/lib/postgresql/*/bin | sort -t/ -k5,5nr) \
	    "$(pg_config --bindir 2>/dev/null)" \
	    /usr/pgsql-*/bin /usr/local/pgsql/bin; do
		[ -n "$d" ] && [ -x "$d/initdb" ] && [ -x "$d/postgres" ] &&
		    [ -x "$d/pg_ctl" ] && printf '%s\n' "$d" && return
	done
	return 1
}

# Runs a server program; never as root, which PostgreSQL refuses.
as_server() {
	if [ "$(id -u)" -eq 0 ]; then
		(cd / && exec setpriv --reuid=postgres --regid=postgres \
		    --init-groups --reset-env -- env LC_ALL=C "$@")
	else
		(cd / && LC_ALL=C exec "$@")
	fi
}

bindir=$(find_bindir) || die 'no PostgreSQL server is installed (initdb, postgres, pg_ctl)'

# A socket's path has room for 107 bytes, and postgres must be able to enter.
parent=${TMPDIR:-/tmp}
if [ ${#parent} -gt 60 ] || ! as_server test -x "$parent"; then
	parent=/tmp
fi
folder=$(mktemp -d "$parent/calltally-pg.XXXXXX") || die 'no temporary folder'

# Stops the server and removes its folder, whatever happened before.
cleanup() {
	status=$?
	trap '' HUP INT TERM
	if [ -f "$folder/data/postmaster.pid" ]; then
		as_server "$bindir/pg_ctl" -D "$folder/data" -m immediate \
		    -w stop >/dev/null 2>&1
	fi
	rm -rf "$folder"
	exit "$status"
}
trap cleanup EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM

if [ "$(id -u)" -eq 0 ]; then
	chown postgres: "$folder" || die "$folder: cannot be given to postgres"
fi
as_server "$bindir/initdb" -D "$folder/data" -U calltally -A trust -N \
    --locale=C --encoding=UTF8 >"$folder/initdb.log" 2>&1 ||
    { cat "$folder/initdb.log" >&2; die 'initdb failed'; }
{
	printf '%s\n' "listen_addresses = ''" \
	    "unix_socket_directories = '$folder'" \
	    'shared_buffers = 128MB' 'max_wal_size = 2GB' \
	    'log_timezone = UTC' 'timezone = UTC'
	printf '%s' "$settings" | while IFS='=' read -r name value; do
		printf "%s = '%s'\n" "$name" "$value"
	done
} >"$folder/settings"
as_server tee -a "$folder/data/postgresql.conf" <"$folder/settings" >/dev/null
as_server "$bindir/pg_ctl" -D "$folder/data" -l "$folder/log" -w -t 60 start \
    >/dev/null 2>&1 </dev/null 3>&- ||
    { cat "$folder/log" >&2; die 'the server did not start'; }

unset PGHOST PGHOSTADDR PGPORT PGDATABASE PGUSER PGPASSWORD PGPASSFILE \
    PGSERVICE PGSERVICEFILE PGOPTIONS PGAPPNAME CALLTALLY_DSN
base="host=$folder port=5432 user=calltally"
"$bindir/psql" -X -q -v ON_ERROR_STOP=1 "$base dbname=postgres" -c \
    'CREATE DATABASE calltally TEMPLATE template0' ||
    die 'the database could not be made'
CALLTALLY_TEST_DSN="$base dbname=calltally"
CALLTALLY_TEST_BINDIR=$bindir
export CALLTALLY_TEST_DSN CALLTALLY_TEST_BINDIR

"$@"
