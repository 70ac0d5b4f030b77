#!/bin/sh
# No input breaks what is promised of every input: the corpora of the fuzz
# targets and the dumps of the fixtures, run without a fuzzer.
cd "$(dirname "$0")/../.." || exit 1
# shellcheck disable=SC2046 # words
exec "${CALLTALLY%/*}/fuzz-replay" tests/fuzz/corpus/* \
	$(find fixtures -name '*.jsonl' | LC_ALL=C sort | sed 's/^/lines=/')
