#!/bin/sh
# The command line: help, options, and what is wrong with them.
# shellcheck source-path=SCRIPTDIR source=tap.sh
. "${0%/*}/tap.sh"

try ct
status 2 'no command is a usage error'
is "$out" '' 'no command: nothing on standard output'
like "$err" '^usage: calltally COMMAND' 'no command: tells the commands'
try ct -h
status 0 '-h'
like "$out" '^  ingest PATH\.\.\. +load dumps' '-h lists the commands'
overview=$out
try ct --help
is "$out" "$overview" '--help is -h'
try ct help
is "$out" "$overview" 'help is -h'
try ct --version
like "$out" '^calltally [0-9]+\.[0-9]+\.[0-9]+$' '--version'

usage 'no such command: nonsense' 'an unknown command' ct nonsense
usage 'no command behind --json' 'an option without a command' ct --json
try ct --json providers list
first=$out
try ct providers list --json
is "$first" "$out" 'an option may stand before the command'
usage 'rejects: which command' 'a group without its command' ct rejects
usage 'rejects: no such command: eat' 'a group with an unknown command' ct rejects eat
try ct rejects -h
like "$out" '^  rejects replay +' 'a group tells its commands'
try ct help rejects
like "$out" '^  rejects replay +' 'help for a group'
try ct help rejects replay
rejects_replay=$out
try ct rejects replay --help
is "$out" "$rejects_replay" 'help for one of a group'
usage 'no command "no way"' 'help for what is none' ct help no way

# Every command: -h without a database, an example, lines that fit, and tests.
ct help --options >options
ct help | sed -n 's/^  \([a-z][a-z ]*[a-z]\).*/\1/p' | sed 's/  .*//; s/^ingest .*/ingest/' |
    grep -v '^calltally' >commands
like "$(cat commands)" '^rejects replay$' 'the commands can be listed'
while read -r command; do
	# shellcheck disable=SC2086
	try ct $command -h
	status 0 "$command -h"
	like "$out" "^usage: calltally $command" "$command -h: usage"
	like "$out" '^Example:$' "$command -h: example"
	is "$(printf '%s\n' "$out" | awk 'length > 80')" '' "$command -h: 80 columns"
done <commands
while IFS="$(printf '\t')" read -r command option value; do
	case $command in help) continue ;; esac
	# shellcheck disable=SC2086
	like "$(ct $command -h)" "^  $option${value:+ }" "$command -h tells $option"
	if grep -Eqh -e "ct $command .*$option\b" "$here"/*.t; then
		pass "a test uses $command $option"
	else
		fail "a test uses $command $option"
	fi
done <options

usage 'ingest: unknown option --nope' 'an unknown option' ct ingest --nope x
usage 'unknown option -x' 'an unknown short option' ct ingest -x
usage 'unknown option --jobs2' 'a name must match whole' ct ingest --jobs2=1 x
usage '--json takes no value' 'a value for a flag' ct ingest --json=1 x
usage '--jobs: N is missing' 'a missing value' ct ingest x --jobs
usage 'PATH\.\.\. is missing' 'a missing argument' ct ingest
usage 'one argument too many: b' 'an argument too many' ct map a b
usage '--out DIR is missing' 'a missing option' ct export
usage '--jobs: "two" is not a whole number' 'a number that is none' ct ingest --jobs two x
usage '--jobs: 0 is not between 1 and 64' 'a number out of range' ct ingest --jobs=0 x
usage '--wait: -1 is not between' 'a negative number' ct ingest --wait -1 x
for size in '' M 1T 1.5M 4Mi -1 9999999999999999G; do
	usage '--memory: .* is not a size' "a size that is none: \"$size\"" \
	    ct ingest --memory="$size" x
done
usage '--memory: "1k" is not a size' 'units are capital letters' ct ingest --memory=1k x
usage '--memory: 1K is not between' 'a size out of range' ct ingest --memory=1K x
for day in 2026-02-29 2026-13-01 2026-1-1 20260101 1999-12-31 2026-01-01T00 ''; do
	usage '--from: .* is not a day' "a day that is none: \"$day\"" \
	    ct export --out x --from="$day"
done
usage '--from 2026-03-02 is after --to 2026-03-01' 'days in the wrong order' \
    ct export --out x --from 2026-03-02 --to 2026-03-01
usage '--report: an empty name' 'an empty item of a list' ct export --out x --report a,,b
usage '--out: the value is empty' 'an empty value' ct export --out ''
usage '--phones: "some" is not full\|masked' 'a word that is none' ct show --phones some x
usage '--reason: "odd" is none of not_json,' 'a reason that is none' ct rejects list --reason odd
is "$(ls)" "$(printf 'commands\noptions')" 'usage errors leave nothing behind'

# Options may stand anywhere before "--".
try ct providers check x -h
status 0 '-h behind an argument'
try ct providers check -- -h
like "$err" '^calltally: -h: ' 'behind "--" everything is an argument'

# What cannot be printed is a failure.
if [ -c /dev/full ]; then
	ct help >/dev/full 2>err
	is "$?" 1 'a full disk is a failure'
	like "$(cat err)" '^calltally: standard output: No space left' 'a full disk is told'
fi
ct help >&- 2>err
is "$?" 1 'a closed standard output is a failure'
{ sleep 0.2; ct help 2>err; echo $? >status; } | :
is "$(cat status)" 1 'a closed pipe is a failure'
like "$(cat err)" 'standard output: Broken pipe' 'a closed pipe is told'

finish
