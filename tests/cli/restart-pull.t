#!/bin/bash
# A server that is restarted in the middle of a pull: the pull goes on, asks for
# little again, and the state is the same.
# shellcheck disable=SC2034
settings='-o wal_writer_delay=10s -o fsync=off'
# shellcheck source-path=SCRIPTDIR source=server.sh
. "${0%/*}/server.sh"
# shellcheck source-path=SCRIPTDIR source=tap.sh
. "${0%/*}/tap.sh"
# shellcheck source-path=SCRIPTDIR source=simulator.sh
. "$here/simulator.sh"
# shellcheck source-path=SCRIPTDIR source=pulling.sh
. "$here/pulling.sh"
trap 'sim_stop; cleanup' EXIT

sim --make 60 --seed 8 --lose 40 --dump dump.jsonl
load dump.jsonl
fast
status 0 'an undisturbed pull'
asked=$(stats 'sum(x["requests"] for x in p.values())')
csv >want.csv

for mode in fast immediate; do
	sim --make 60 --seed 8 --lose 40 --dump dump.jsonl
	load dump.jsonl
	gate pull_call INSERT
	hold
	ct pull --json --archive archive --since 2026-01-01 --rate 100000 --reconnect 60 >got 2>err &
	pid=$!
	at_gate
	server restart -m $mode
	status=0
	wait "$pid" || status=$?
	out=$(cat got) err=$(cat err)
	status 0 "restart -m $mode: the pull goes on"
	like "$err" 'trying to go on for 60 s$' "restart -m $mode: which is told"
	same_csv want.csv "restart -m $mode: the state is the same"
	is "$(sql "SELECT count(*) FROM calltally.run WHERE state = 'running'")" 0 \
	    "restart -m $mode: no run is left open"
	like "$(stats "sum(x['requests'] for x in p.values()) <= $asked + 16 * 3")" true \
	    "restart -m $mode: no more is asked again than was under way"
	is "$(sql "SELECT sum(duplicates) FROM calltally.source WHERE name LIKE '%/detail-%'")" 0 \
	    "restart -m $mode: no answer is archived twice"
	pull
	is "$(json 'd["requests"]')" 0 "restart -m $mode: nothing is left to ask"
done

finish
