#!/bin/sh
# Night after night: a few of them, with late data; make soak has fifty.
# shellcheck source-path=SCRIPTDIR source=tap.sh
. "${0%/*}/tap.sh"

try "$here/../soak/run" 5 60
status 0 'five nights come to what one load comes to'
like "$out" '^5 nights: books whole' 'and say so'
databases="$databases $(admin -At -c "SELECT datname FROM pg_database WHERE datname ~ '^(soak|once)_'" | tr '\n' ' ')"

finish
