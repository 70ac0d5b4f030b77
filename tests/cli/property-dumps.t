#!/bin/sh
# Dumps that a seed makes, shuffled, repeated, cut, growing, in several runs,
# against the same dumps straight. PROPERTY_SEED chooses others.
# shellcheck source-path=SCRIPTDIR source=tap.sh
. "${0%/*}/tap.sh"

new_database
python3 "$here/../property/dumps.py" --cases "${PROPERTY_DUMPS:-6}" "${PROPERTY_SEED:-1}"
