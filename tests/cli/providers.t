#!/bin/sh
# calltally providers: the profiles, without any database.
# shellcheck source-path=SCRIPTDIR source=tap.sh
. "${0%/*}/tap.sh"
# shellcheck source-path=SCRIPTDIR source=sample.sh
. "$here/sample.sh"

try ct providers list
status 0 'providers list'
like "$out" '^miraiminds +MiraiMinds' 'a name and its title'
try ct providers list --json
is "$(json '[p["provider"] for p in d["providers"]]')" '["minivoice", "miraiminds", "whippy"]' '--json'
mkdir profiles
ct providers show whippy >profiles/other.json
is "$(python3 -c 'import json; print(json.load(open("profiles/other.json"))["provider"])')" whippy \
    'providers show prints the profile'
sed 's/"provider": *"whippy"/"provider": "acme"/' profiles/other.json >profiles/acme.json
rm profiles/other.json
try ct providers list --profiles profiles
like "$out" '^acme ' 'providers list --profiles'
try ct providers show acme --profiles profiles
is "$out" "$(cat profiles/acme.json)" 'providers show --profiles'
try ct providers show nobody
status 1 'no such profile'
like "$err" 'no profile "nobody"' 'and it is named'

for p in minivoice miraiminds whippy; do
	ct providers show $p >$p.json
	try ct providers check $p.json
	status 0 "$p is a right profile"
	is "$out" "$p.json: nothing wrong" "$p: it is said"
done
sample_dump >sample
try ct providers check miraiminds.json sample
status 3 'a sample with lines that would be rejected'
like "$out" '^line 3: webhook end-of-call$' 'what an event is'
like "$out" '^    call +call_1$' 'of which call'
like "$out" '^    status +completed, completed$' 'with which status'
like "$out" '^    success +true$' 'and which fields'
like "$out" '^line 6: rejected: not_json: ' 'a reject and why'
like "$out" '^line 8: ignored: blank$' 'an ignored line and why'
unlike "$out" "$(printf '\033')" 'nothing harms the terminal'
try ct providers check miraiminds.json sample --json
is "$(json 'd["findings"], d["lines"][1]["states"]["duration"], d["lines"][5]["rejected"]')" \
    '[[], 45, "not_json"]' 'providers check --json'
is "$(json 'd["warnings"]["unknown_statuses"]')" 2 '--json: warnings'
head -n 3 sample >good
try ct providers check miraiminds.json - --limit 2 <good
status 0 'a sample that is understood, from standard input'
is "$(printf '%s\n' "$out" | grep -c '^line ')" 2 '--limit'
try ct providers check whippy.json good
status 3 'only the given profile counts'

printf '{"provider": 5, "shapes": [{"name": "x", "match": "nonsense"}], "odd": 1}' >bad.json
try ct providers check bad.json
status 1 'a profile with faults'
like "$out" '^bad\.json: /provider: ' 'each with its place'
like "$out" '^bad\.json: /odd: ' 'all of them'
try ct providers check bad.json --json
is "$(json 'len(d["findings"]) > 2')" true '--json: findings'
printf '{"provider": "x",' >bad.json
try ct providers check bad.json
status 1 'what is no JSON is no profile'
try ct providers check nothing.json
status 1 'a missing file'
like "$err$out" 'nothing\.json: No such file' 'and its name'

finish
