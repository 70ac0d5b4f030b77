#!/bin/bash
# Whatever goes wrong at the provider's: the calls end up as without it.
# shellcheck source-path=SCRIPTDIR
# shellcheck disable=SC2015,SC2034,SC2119,SC2129
# shellcheck source=tap.sh
. "${0%/*}/tap.sh"
# shellcheck source=simulator.sh
. "$here/simulator.sh"
# shellcheck source=pulling.sh
. "$here/pulling.sh"

world() { sim --make 45 --seed 3 --lose 40 --dump "$tmp/dump.jsonl" "$@"; stats 1 >/dev/null; }

world
load dump.jsonl
fast
status 0 'without trouble'
csv >reference.csv
is "$(json 'd["asked"] == d["answered"] > 20')" true 'every call that was asked for was answered'

# trouble NAME RULE [OPTION...]
trouble() {
	name=$1
	world --fault "$2"
	shift 2
	load dump.jsonl
	fast --timeout 2 "$@"
	status 0 "$name: every call is had"
	same_csv reference.csv "$name: the reports are those without trouble"
	is "$(stats 'sum(x["early"] + x["leaks"] for x in p.values()) + d["other_host"]')" 0 \
	    "$name: nobody was asked too early, and no key went astray"
	is "$(stats 'd["faults"][0]["hits"] > 0')" true "$name: it did happen"
}

each='"per":"request","times"'
trouble '500 twice each' "{\"fault\":\"500\",$each:2}"
trouble '502 each' "{\"fault\":\"502\",$each:1}"
trouble '429 with seconds' '{"fault":"429","retry_after":1,"times":3}'
trouble '429 with a date' '{"fault":"429","retry_after":1,"retry_form":"date","times":3}'
trouble '429 with nonsense' '{"fault":"429","retry_after":"soon","times":3}'
trouble '503 with seconds' '{"fault":"503","retry_after":1,"times":2}'
trouble 'no JSON' "{\"fault\":\"badjson\",$each:1}"
trouble 'half a body' "{\"fault\":\"truncated\",$each:1}"
trouble 'no body' "{\"fault\":\"empty\",$each:1}"
trouble 'a page' "{\"fault\":\"html\",$each:1}"
trouble 'the body of another call (1)' "{\"fault\":\"other_id\",\"provider\":\"minivoice\",$each:1}"
trouble 'the body of another call (2)' "{\"fault\":\"other_id\",\"provider\":\"miraiminds\",$each:1}"
trouble 'cut off' "{\"fault\":\"cut\",$each:1}"
trouble 'cut off in chunks' "{\"fault\":\"cut\",\"chunked\":true,$each:1}"
trouble 'closed' "{\"fault\":\"close\",$each:1}"
trouble 'too large' '{"fault":"oversize","times":3}'
trouble 'too large in chunks' '{"fault":"oversize","chunked":true,"times":3}'
trouble 'to another host' "{\"fault\":\"redirect\",$each:1}"
trouble 'to another path' "{\"fault\":\"redirect_same\",$each:1}"
trouble 'few bytes at a time' '{"fault":"slow","bytes":40,"ms":20,"times":3}'
trouble 'silence in between' '{"fault":"stall","times":2}'
trouble 'no answer' '{"fault":"hang","times":2}'
trouble 'a late answer' '{"fault":"delay","ms":700,"times":3}'

### Trouble that does not end
world --fault '{"fault":"500","provider":"miraiminds","times":0}'
load dump.jsonl
fast --attempts 2
status 75 'an API that is down: try again later'
is "$(json '[d["providers"]["miraiminds"][k] for k in ("answered","end")]')" \
    '[0, "not_available"]' 'and it is told which'
is "$(json 'd["providers"]["minivoice"]["failed"] + d["providers"]["whippy"]["failed"]')" 0 \
    'the others are pulled'
is "$(sql "SELECT count(*) FROM calltally.pull_call WHERE provider = 'miraiminds' AND state <> 'due'")" \
    0 'its calls stay due'
sim_stop
fast
status 75 'nobody there: try again later'
world
fast
status 0 'when it is back, the rest comes'
same_csv reference.csv 'and all is as if nothing had been'

world --fault '{"fault":"badjson","provider":"minivoice","percent":30,"times":0}'
load dump.jsonl
fast --attempts 2
status 3 'calls that cannot be had: done, but'
is "$(json 'd["failed"] > 0 and d["rejected"] == 0')" true 'counted, and no event'
is "$(sql "SELECT count(*) > 0 AND bool_and(status_code = 200 AND body <> '') FROM calltally.pull_call WHERE error_code = 'not_json'")" \
    t 'what came is kept with the attempt'
is "$(zcat archive/*.gz | python3 -c 'import json,sys
for l in sys.stdin: json.loads(l)
print("good")')" good 'the archive holds answers only'

finish
