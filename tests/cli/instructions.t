#!/bin/sh
# Decode, fold and encode cost no more instructions a line than they did:
# within 10 % of tests/bench/instructions.bound.
# shellcheck source-path=SCRIPTDIR source=tap.sh
. "$(dirname "$0")/tap.sh"

try "$here/../bench/instructions"
printf '%s\n' "$out" | sed 's/^/# /'
case $status in
77) skip 'instructions a line' "$(printf '%s\n' "$out" | tail -n 1)" ;;
*) status 0 'instructions a line' ;;
esac
finish
