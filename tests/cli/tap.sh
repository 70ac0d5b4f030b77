# shellcheck shell=sh
# tap: shell tests that speak TAP, for prove.
#
# To be sourced by a test, which ends with "finish". Gives $tmp, a folder of
# its own, which is also the current one, and ct, the program under test.
# "try COMMAND..." runs a command and keeps its $status, $out and $err;
# status, is, like and unlike each count as one test.

set -u
: "${CALLTALLY:?is to be the path of the program}"
# shellcheck disable=SC2034 # for the tests
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck disable=SC2034
fixtures=$here/../../fixtures
tmp=$(mktemp -d) || exit 1
databases=
tests=0
bad=0
cd "$tmp" || exit 1
unset CALLTALLY_DSN PGHOST PGHOSTADDR PGPORT PGDATABASE PGUSER PGSERVICE \
    PGSERVICEFILE PGPASSWORD

ct() { "$CALLTALLY" "$@"; }

admin() { psql -X -q -v ON_ERROR_STOP=1 "$CALLTALLY_TEST_DSN" "$@"; }

# Makes an empty database, or a copy of $template, and names it in CALLTALLY_DSN.
new_database() {
	database=calltally_cli_$$_$(echo "$databases" | wc -w | tr -d ' ')
	admin -c "CREATE DATABASE $database TEMPLATE ${template:-template0}" || exit 1
	databases="$databases $database"
	CALLTALLY_DSN="$CALLTALLY_TEST_DSN dbname=$database"
	export CALLTALLY_DSN
}

sql() { psql -X -q -At -v ON_ERROR_STOP=1 "$CALLTALLY_DSN" -c "$1"; }

cleanup() {
	for d in $databases; do
		admin -c "DROP DATABASE IF EXISTS $d WITH (FORCE)"
	done
	cd / && rm -rf "$tmp"
}
trap cleanup EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

# The result of one test; what is shown when it failed stands behind its name.
pass() { tests=$((tests + 1)); echo "ok $tests - $1"; }
fail() {
	tests=$((tests + 1)) bad=$((bad + 1))
	echo "not ok $tests - $1"
	shift
	printf '%s\n' "$@" | sed 's/^/# /'
}
skip() { tests=$((tests + 1)); echo "ok $tests - $1 # SKIP $2"; }

# Runs a command and keeps what it said.
try() {
	status=0
	"$@" >"$tmp/.out" 2>"$tmp/.err" || status=$?
	out=$(cat "$tmp/.out")
	err=$(cat "$tmp/.err")
}

# status WANT NAME: of the last try.
status() {
	if [ "$status" -eq "$1" ]; then pass "$2"; else
		fail "$2" "exit $status, wanted $1" "$out" "$err"
	fi
}

# is GOT WANT NAME
is() {
	if [ "$1" = "$2" ]; then pass "$3"; else
		fail "$3" 'got:' "$1" 'wanted:' "$2"
	fi
}

# like TEXT REGEX NAME
like() {
	if printf '%s\n' "$1" | grep -Eq -e "$2"; then pass "$3"; else
		fail "$3" "no match for $2 in:" "$1"
	fi
}

unlike() {
	if printf '%s\n' "$1" | grep -Eq -e "$2"; then
		fail "$3" "match for $2 in:" "$1"
	else pass "$3"; fi
}

# json EXPRESSION: of the object d on standard output of the last try.
json() {
	printf '%s\n' "$out" | python3 -c '
import json, sys
d = json.loads(sys.stdin.read())
v = eval(sys.argv[1])
print(v if isinstance(v, str) else json.dumps(v, sort_keys=True))' "$1"
}

# usage REGEX NAME COMMAND...: a usage error that says so and how to get help.
usage() {
	want=$1 name=$2
	shift 2
	try "$@"
	if [ "$status" -eq 2 ] && [ -z "$out" ] &&
	    printf '%s\n' "$err" | grep -Eq "^calltally: .*$want.*\(see calltally .*-h\)$" &&
	    [ "$(printf '%s\n' "$err" | wc -l)" -eq 1 ]; then
		pass "$name"
	else
		fail "$name" "exit $status, wanted 2 and $want" "$out" "$err"
	fi
}

finish() {
	echo "1..$tests"
	[ "$bad" -eq 0 ]
	exit
}
